"""SMS to the phone of an office on duty: that there is something to see to, and its code.

A phone lies about, and its screen shows what comes. So a text names nobody, nothing of what the
exchange is for and not who sends it, and has no link; and it goes out once: what may have arrived
is not sent again by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from services.notification.domain import Claimed, telling_words
from services.notification.domain.built_in import built_in
from services.notification.gateways import WebhookGateway
from services.notification.policy import (
    TEL,
    Answer,
    AttemptOutcome,
    Disclosed,
    EventType,
    PersonalKind,
    Segments,
    TextKind,
    check_telling,
    fitted,
    outcome_of_sms,
    signed,
)
from services.notification.policy.templates import (
    SAMPLES,
    Facts,
    Wording,
    declared,
    facts_of,
    filled,
    masked,
    said,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import Clock
from shared.texts import TextLanguage

LANGUAGE = TextLanguage.VIETNAMESE
"""In which offices are written to."""
MESSAGES = "/messages"
"""Where a gateway takes texts, below its address (docs/sms-gateway.md)."""


@dataclass(frozen=True, repr=False)
class Sms:
    """A text as it is handed over."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, repr=False)
class PersonalSms:
    """What is sent to the phone of a person's own: nothing of anybody, and where to."""

    sent_as: UUID
    number: int
    """Which try this is."""
    to: str
    kind: PersonalKind
    wording: Wording | None
    """Unset: what is built in."""
    facts: Facts
    language: TextLanguage


class SmsChannel:
    """Tells by SMS, handed to the gateway of whoever runs the exchange."""

    def __init__(
        self, gateway: WebhookGateway, *, url: str, secrets: Sequence[str], most: int, clock: Clock
    ) -> None:
        """``most`` segments a text may take; what is signed is signed with the first secret.

        Raises ``TellingText`` or ``TextTooLong`` if there is a text that could never be sent: a
        worker says so when it starts, not when somebody waits.
        """
        self._gateway = gateway
        self._url = url.rstrip("/") + MESSAGES
        self._secret = secrets[0]
        self._most = most
        self._clock = clock
        for kind in EventType:
            self._fitted(kind, _built_in(kind), SAMPLES)
        for personal in PersonalKind:
            for language in TextLanguage:
                self._fitted(personal, _built_in(personal, language), SAMPLES, language)

    def render(self, claimed: Claimed) -> Sms:
        """The text, under the id of its delivery, which the gateway takes once."""
        kind = claimed.type
        wording = claimed.wording or _built_in(kind)
        text, segments = self._fitted(kind, wording, facts_of(kind, orjson.loads(claimed.body)))
        number = claimed.url.removeprefix(TEL)
        return self._sealed(claimed.delivery_id, claimed.number, number, text, segments)

    def render_disclosed(self, sent_as: UUID, told: Disclosed) -> Sms:
        """The text to a person, handed over under an id, once.

        Raises ``TellingText`` and ``TextTooLong``: then it is not sent.
        """
        check_telling(told.text, telling_words())
        text, segments = fitted(told.text, most=self._most)
        return self._sealed(sent_as, 1, told.to, text, segments)

    def render_personal(self, text: PersonalSms) -> Sms:
        """The text to a phone of somebody's own, handed over under an id and a try.

        Raises ``TellingText`` and ``TextTooLong``: then it is not sent.
        """
        wording = text.wording or _built_in(text.kind, text.language)
        said_, segments = self._fitted(text.kind, wording, text.facts, text.language)
        return self._sealed(text.sent_as, text.number, text.to, said_, segments)

    def send(self, rendered: Sms) -> Answer:
        """Hand it over once."""
        return self._gateway.send(self._url, rendered.headers, rendered.body)

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """What the status says: the gateway has it, which is not yet the phone."""
        return outcome_of_sms(answer)

    def close(self) -> None:
        """Drop the connections."""
        self._gateway.close()

    def _sealed(
        self, sent_as: UUID, attempt: int, number: str, text: str, segments: Segments
    ) -> Sms:
        body = orjson.dumps(
            {
                "id": str(sent_as),
                "attempt": attempt,
                "to": number,
                "text": text,
                "encoding": segments.encoding.value,
                "segments": segments.count,
            }
        )
        at = int(self._clock().timestamp())
        headers = signed(self._secret, webhook_id=str(sent_as), timestamp=at, body=body)
        return Sms({"Content-Type": "application/json", **headers}, body)

    def _fitted(
        self, kind: TextKind, wording: Wording, facts: Facts, language: TextLanguage = LANGUAGE
    ) -> tuple[str, Segments]:
        check_telling(masked(wording.text, declared(kind, ChannelKind.SMS)), telling_words())
        return fitted(filled(wording, said(facts, language)).text, most=self._most)


def _built_in(kind: TextKind, language: TextLanguage = LANGUAGE) -> Wording:
    return built_in(kind, ChannelKind.SMS, language)
