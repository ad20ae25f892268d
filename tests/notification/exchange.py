"""The other services on loopback: the directory that says whom to write to, and duties of all."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind, Role
from shared.kit.identifiers import new_id
from shared.kit.subjects import FOR_DUTIES
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from tests.notification.receivers import LOOPBACK

KEY = OKPKey.generate_key("Ed25519")
AT_DIRECTORY = Links("directory", {"notification": "1"}, {"notification": {"1": bytes(32)}})
AT_NOTIFICATION = Links("notification", {"directory": "1"}, {"directory": {"1": bytes(32)}})
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Someone:
    """Somebody who may be written to, as the directory says it now."""

    organisation_id: UUID
    kind: MailingKind = MailingKind.PERSON
    role: Role = Role.PROVIDER
    also: tuple[Role, ...] = ()
    """Roles beside that."""
    digest: Digest = Digest.HOUR
    mailbox: str = "can.bo@xa-vi-du.gov.vn"
    language: str = "vi"
    code: str | None = None
    quiet_from: str | None = None
    quiet_to: str | None = None
    is_on_call: bool = False
    since: datetime = LONG_AGO
    id: UUID = field(default_factory=new_id)
    mailbox_id: UUID = field(default_factory=new_id)
    number: str = "+84912345678"
    number_id: UUID = field(default_factory=new_id)
    phone_at: datetime | None = None
    """When the phone was named, if it waits for its code."""
    urgent_by: tuple[ChannelKind, ...] | None = None
    """Unset: by mail, if the mailbox is confirmed."""
    duties: list[dict[str, Any]] = field(default_factory=list)
    """Of livelihood support."""

    @property
    def told(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": str(self.id),
            "organisation_id": str(self.organisation_id),
            "since": self.since.isoformat(),
            "digest": self.digest,
            "quiet_from": self.quiet_from,
            "quiet_to": self.quiet_to,
            "is_on_call": self.is_on_call,
            "urgent_by": self.ways,
            "phone_at": self.phone_at.isoformat() if self.phone_at else None,
        }

    @property
    def ways(self) -> tuple[ChannelKind, ...]:
        if self.urgent_by is not None:
            return self.urgent_by
        return (ChannelKind.EMAIL,) if self.kind is MailingKind.PERSON else ()

    def is_told(self, kind: MailingKind, by: ChannelKind) -> bool:
        """Whether they are told so, by this way."""
        if by is ChannelKind.SMS:
            is_code = kind is MailingKind.CONFIRMATION
            return self.phone_at is not None if is_code else by in self.ways
        return kind is self.kind and (kind is not MailingKind.PERSON or by in self.ways)

    def recipient(self, kind: MailingKind, by: ChannelKind) -> dict[str, Any]:
        is_asked, is_phone = kind is MailingKind.CONFIRMATION, by is ChannelKind.SMS
        return {
            "mailbox": None if is_phone else self.mailbox,
            "mailbox_id": None if is_phone else str(self.mailbox_id),
            "number": self.number if is_phone else None,
            "number_id": str(self.number_id) if is_phone else None,
            "language": self.language,
            "code": self.code if is_asked else None,
            "token": None if is_asked else self._token,
        }

    @property
    def _token(self) -> str:
        is_office = self.kind is MailingKind.ORGANISATION
        claims = {
            "iss": "https://nhipcau.example",
            "aud": f"nhipcau{FOR_DUTIES}",
            "sub": str(self.id),
            "client_id": "notification",
            "jti": str(new_id()),
            "subject_kind": "client" if is_office else "staff",
            "amr": [],
            "auth_time": 0,
            "organisation_id": str(self.organisation_id),
            "organisation_kind": "vocational_school",
            "grants": [[str(each), "31"] for each in (self.role, *self.also)],
        }
        return jwt.encode({"alg": "Ed25519"}, claims, KEY, algorithms=["Ed25519"])


def a_duty(
    what: str = "answer_offer", *, due_at: datetime | None = None, is_waiting: bool = False
) -> dict[str, Any]:
    """A duty as its service tells it, as far as a mail says it."""
    return {
        "what": what,
        "subject": "offer",
        "object_id": str(new_id()),
        "due_at": due_at.isoformat() if due_at else None,
        "since": LONG_AGO.isoformat(),
        "is_waiting": is_waiting,
        "urgency": "undated",
    }


class Services:
    """All of them behind one address, for as long as the block runs."""

    def __init__(self) -> None:
        self.people: dict[UUID, Someone] = {}
        self.is_down = False
        self.is_unsigned = False
        self.is_before = False
        """Whether the directory is of the release before."""
        self.meanwhile: Callable[[], object] | None = None
        """Done once, while the duties of a digest are asked for."""
        self.down_for: set[UUID] = set()
        self.asked: list[str] = []
        handler = type("Asked", (_Asked,), {"services": self})
        self._server = ThreadingHTTPServer((LOOPBACK, 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="services")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def has(self, someone: Someone) -> Someone:
        self.people[someone.id] = someone
        return someone

    def duties_of(
        self, token: str, service: str, wanted: dict[str, list[str]]
    ) -> dict[str, Any] | None:
        """Nothing, while they are down."""
        named = jwt.decode(token, KEY, algorithms=["Ed25519"]).claims
        someone = self.people[UUID(named["sub"])]
        if "urgency" not in wanted:
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile is not None:
                meanwhile()
        if self.is_down or someone.id in self.down_for:
            return None
        found = someone.duties if service == Queue.LIVELIHOOD_SUPPORT.segment else []
        if "urgency" in wanted:
            found = [each for each in found if each["urgency"] in wanted["urgency"]]
        if "is_waiting" in wanted:
            found = [each for each in found if not each["is_waiting"]]
        late = sum(each["urgency"] == "overdue" for each in found)
        waiting = sum(each["is_waiting"] for each in found)
        counts = {"overdue": late, "undated": len(found) - late, "waiting": waiting}
        size, begun = int(wanted["page_size"][0]), int(wanted.get("cursor", ["0"])[0])
        told, rest = found[begun : begun + size], found[begun + size :]
        cursor = str(begun + size) if rest else None
        return {"items": told, "counts": counts, "next_cursor": cursor}


class _Asked(BaseHTTPRequestHandler):
    services: Services

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self.services.asked.append(asked.path)
        token = self.headers["Authorization"].removeprefix("Bearer ")
        service = asked.path.split("/")[1]
        told = self.services.duties_of(token, service, parse_qs(asked.query))
        self._answer(200 if told else 503, told or {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.services.asked.append(self.path)
        given = self.headers.get(SIGNATURE, "")
        if not is_signed(AT_DIRECTORY, Queue.NOTIFICATION, Said.QUESTION, body, given):
            self._answer(401, {})
            return
        asked = orjson.loads(body)
        if self.services.is_before:
            self._answer(404, {})
            return
        if self.path.endswith("/mailings"):
            people = sorted(self.services.people.values(), key=lambda each: each.id)
            told = [each.told for each in people]
            self._answer(200, {"items": told, "next_cursor": None})
            return
        someone = self.services.people.get(UUID(asked["id"]))
        kind, by = MailingKind(asked["kind"]), ChannelKind(asked["by"])
        if someone is None or not someone.is_told(kind, by):
            self._answer(404, {})
            return
        self._answer(200, someone.recipient(kind, by))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        sent = orjson.dumps(body)
        signature = sign(AT_DIRECTORY, Queue.NOTIFICATION, Said.ANSWER, sent)
        self.send_response(status)
        if not self.services.is_unsigned:
            self.send_header(SIGNATURE, signature)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
