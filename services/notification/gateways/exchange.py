"""Our own APIs, asked whom to write to and what they have to do; never inside a transaction.

The directory is asked with a signature, for there is nobody in whose name to ask. Duties are asked
for in the name of whoever has them, with a token of theirs that reads nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self
from uuid import UUID

import httpx2
import orjson

from services.notification.policy import Mailing
from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind
from shared.duties import Urgency
from shared.kit.clock import Clock
from shared.messaging.envelope import Links
from shared.messaging.pulse import Beat, unwatched
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from shared.texts import TextLanguage

OK, FORBIDDEN, NOT_FOUND = 200, 403, 404
PART = 100
"""How many duties a service tells at once, what presses most first."""
PRESSING = (Urgency.OVERDUE, Urgency.TODAY)


class ExchangeDown(Exception):
    """A service of ours did not answer as it should: what needs it is put off."""


@dataclass(frozen=True, repr=False)
class Recipient:
    """Where somebody is written to now: used once, and kept nowhere."""

    address: str
    """A mailbox or a number."""
    address_id: UUID
    """Another mailbox or number has another."""
    organisation_id: UUID
    """Whose texts are said."""
    language: TextLanguage
    code: str | None
    token: str | None


@dataclass(frozen=True)
class DutyTold:
    """Something that somebody has to do, as its service tells it."""

    service: Queue
    what: str
    subject: str
    object_id: UUID
    due_at: datetime | None
    since: datetime
    is_waiting: bool


@dataclass(frozen=True)
class DutiesTold:
    """What somebody has to do: how much, and what presses most of it."""

    items: tuple[DutyTold, ...] = ()
    open: int = 0
    late: int = 0
    waiting: int = 0

    @classmethod
    def of_all(cls, told: Sequence[Self]) -> Self:
        """What several services told, together."""
        items = [duty for each in told for duty in each.items]
        items.sort(key=lambda it: (it.due_at is None, it.due_at or it.since, it.is_waiting))
        return cls(
            tuple(items),
            sum(each.open for each in told),
            sum(each.late for each in told),
            sum(each.waiting for each in told),
        )


class Exchange(Protocol):
    """Whatever knows whom to write to, and what they have to do. Raises ``ExchangeDown``."""

    def mailings(self) -> Iterator[Mailing]:
        """Whoever may be written to, by id."""

    def recipient(self, mailing: Mailing, kind: MailingKind, by: ChannelKind) -> Recipient | None:
        """Where one of them is told now, as what and by which way; nowhere, if that has ended."""

    def duties(self, recipient: Recipient) -> DutiesTold:
        """What they have to do in all services."""

    def pressing(self, recipient: Recipient) -> list[DutyTold]:
        """All of it that ends today or is over, and does not only wait for somebody else."""

    def close(self) -> None:
        """Drop the connections."""


class ExchangeGateway:
    """Asks over HTTP."""

    def __init__(
        self,
        apis: str,
        *,
        links: Links,
        seconds: float,
        clock: Clock,
        beat: Beat = unwatched,
    ) -> None:
        """``{service}`` in ``apis`` stands for the name of a service in addresses.

        ``links`` holds the key that notification shares with the directory. Each question is a step
        of whoever is watched by ``beat``: one may wait for all services, and for parts of lists.
        """
        self._beat = beat
        self._apis = apis
        self._links = links
        self._clock = clock
        self._http = httpx2.Client(timeout=seconds, trust_env=False)

    def mailings(self) -> Iterator[Mailing]:
        """Whoever may be written to, by id."""
        after: str | None = None
        while True:
            told = self._signed("/directory/v1/mailings", {"after": after})
            if told is None:
                # A directory of the release before, or none.
                raise ExchangeDown(str(NOT_FOUND))
            yield from map(_mailing, told["items"])
            after = told["next_cursor"]
            if after is None:
                return

    def recipient(self, mailing: Mailing, kind: MailingKind, by: ChannelKind) -> Recipient | None:
        """Where one of them is told now, as what and by which way; nowhere, if that has ended."""
        asked = {"kind": kind, "id": str(mailing.id), "by": by}
        told = self._signed("/directory/v1/mailings/recipient", asked)
        if told is None:
            return None
        is_phone = by is ChannelKind.SMS
        return Recipient(
            told["number" if is_phone else "mailbox"],
            UUID(told["number_id" if is_phone else "mailbox_id"]),
            mailing.organisation_id,
            TextLanguage(told["language"]),
            told["code"],
            told["token"],
        )

    def duties(self, recipient: Recipient) -> DutiesTold:
        """What they have to do in all services."""
        return DutiesTold.of_all([self._duties(service, recipient) for service in Queue])

    def pressing(self, recipient: Recipient) -> list[DutyTold]:
        """All of it that ends today or is over, and does not only wait for somebody else."""
        return [
            duty
            for service in Queue
            for urgency in PRESSING
            for duty in self._all(service, recipient, urgency=urgency, is_waiting="false")
        ]

    def close(self) -> None:
        """Drop the connections."""
        self._http.close()

    def _duties(self, service: Queue, recipient: Recipient) -> DutiesTold:
        told = self._asked(service, recipient)
        if told is None:
            return DutiesTold()
        counts = told["counts"]
        waiting = counts.pop("waiting")
        items = tuple(_duty(service, each) for each in told["items"])
        return DutiesTold(items, sum(counts.values()), counts["overdue"], waiting)

    def _all(self, service: Queue, recipient: Recipient, **wanted: str) -> Iterator[DutyTold]:
        """Part by part, so that whoever has many is told each."""
        told = self._asked(service, recipient, **wanted)
        while told is not None:
            yield from (_duty(service, each) for each in told["items"])
            after = told["next_cursor"]
            told = after and self._asked(service, recipient, cursor=after, **wanted)

    def _asked(self, service: Queue, recipient: Recipient, **wanted: str) -> Any:
        """Nothing for whoever holds no role today, and so has nothing to do."""
        answer = self._sent(
            "GET",
            service,
            f"/{service.segment}/v1/duties",
            params={"page_size": str(PART), **wanted},
            headers={"Authorization": f"Bearer {recipient.token}"},
        )
        return None if answer.status_code == FORBIDDEN else _told(answer)

    def _signed(self, path: str, body: Mapping[str, Any]) -> Any:
        sent = orjson.dumps({**body, "asked_at": self._clock()})
        signature = sign(self._links, Queue.DIRECTORY, Said.QUESTION, sent)
        headers = {"Content-Type": "application/json", SIGNATURE: signature}
        answer = self._sent("POST", Queue.DIRECTORY, path, content=sent, headers=headers)
        if answer.status_code == NOT_FOUND:
            return None
        told = _told(answer)
        given = answer.headers.get(SIGNATURE, "")
        if not is_signed(self._links, Queue.DIRECTORY, Said.ANSWER, answer.content, given):
            raise ExchangeDown("no answer of the directory's")
        return told

    def _sent(self, method: str, service: Queue, path: str, **options: Any) -> httpx2.Response:
        self._beat()
        address = self._apis.replace("{service}", service.segment) + path
        try:
            return self._http.request(method, address, **options)
        except httpx2.RequestError:
            raise ExchangeDown(service) from None


def _told(answer: httpx2.Response) -> Any:
    if answer.status_code != OK:
        raise ExchangeDown(str(answer.status_code))
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise ExchangeDown("no JSON") from None


def _mailing(told: Mapping[str, Any]) -> Mailing:
    return Mailing(
        MailingKind(told["kind"]),
        UUID(told["id"]),
        UUID(told["organisation_id"]),
        datetime.fromisoformat(told["since"]),
        Digest(told["digest"]),
        _minutes(told["quiet_from"]),
        _minutes(told["quiet_to"]),
        told["is_on_call"],
        tuple(map(ChannelKind, told["urgent_by"])),
        _instant(told["phone_at"]),
    )


def _instant(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)


def _minutes(said: str | None) -> int | None:
    return None if said is None else int(said[:2]) * 60 + int(said[3:])


def _duty(service: Queue, told: Mapping[str, Any]) -> DutyTold:
    return DutyTold(
        service,
        told["what"],
        told["subject"],
        UUID(told["object_id"]),
        _instant(told["due_at"]),
        datetime.fromisoformat(told["since"]),
        told["is_waiting"],
    )
