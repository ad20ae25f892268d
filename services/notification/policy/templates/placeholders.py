"""Which facts a text of each kind of notice has a place for, of which type, and how they are said.

Only facts that every such notice has, or that can be missing without harm: an id, a code, a day, a
count, an address of ours. Never who a case is about, and of whom nothing is known here anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.notification.policy.events import EventType
from services.notification.policy.sms import code_of
from services.notification.policy.text_kinds import PersonalKind, TextKind
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import HAI_PHONG, local_date

VIETNAMESE = "vi"


class FactType(StrEnum):
    """What a fact is, and so how it is written."""

    CASE_CODE = "case_code"
    CONFIRMATION_CODE = "confirmation_code"
    """What is sent to a phone, and typed by whoever reads it."""
    COUNT = "count"
    DATE = "date"
    INSTANT = "instant"
    """A day with its time in Hải Phòng."""
    LINK = "link"
    """An address of ours; in no text to a phone, and in no subject."""
    REFERENCE = "reference"
    """What a notice is about, as its event names it: the kind of thing and its id."""
    SHORT_CODE = "short_code"
    """The end of an id, in eight digits and letters."""


class Placeholder(StrEnum):
    """The facts there are; a text has places for those of its kind."""

    ANSWER = "answer"
    """The link by which an office answers without an account."""
    CASE_CODE = "case_code"
    CODE = "code"
    """What the page ends with on which it is acted on, where a link would say too much."""
    CONFIRMATION = "confirmation"
    """The code that was sent to a phone, and shows that its owner reads it."""
    NOT_DUE_BEFORE = "not_due_before"
    """The moment before which an answer is in time, however late the notice arrives."""
    PAGE = "page"
    """The page of the console on which it is acted on."""
    REFERENCE = "reference"
    REVISION = "revision"
    """Which revision of a plan it is."""
    SINCE = "since"
    """The day since which something waits."""
    TOLD_ON = "told_on"
    """The day on which it happened."""
    URGENT = "urgent"
    """How much there is that cannot wait."""


@dataclass(frozen=True)
class Declared:
    """A fact of a kind of notice."""

    name: Placeholder
    type: FactType
    is_mandatory: bool = False
    """Whether a text without it would leave whoever reads it helpless."""

    @property
    def is_for_subjects(self) -> bool:
        """Whether the subject of a mail may have it."""
        return self.type is not FactType.LINK


_ANSWER = Declared(Placeholder.ANSWER, FactType.LINK, is_mandatory=True)
_TOLD_ON = Declared(Placeholder.TOLD_ON, FactType.DATE)
_ANY_MAIL = (
    Declared(Placeholder.PAGE, FactType.LINK, is_mandatory=True),
    Declared(Placeholder.REFERENCE, FactType.REFERENCE),
    _TOLD_ON,
)
_ANY_SMS = (Declared(Placeholder.CODE, FactType.SHORT_CODE, is_mandatory=True), _TOLD_ON)
_OF_MAILS: Mapping[TextKind, tuple[Declared, ...]] = MappingProxyType(
    {
        EventType.REFERRAL_REQUESTED: (
            _ANSWER,
            Declared(Placeholder.NOT_DUE_BEFORE, FactType.INSTANT),
        ),
        EventType.REFERRAL_QUESTION_ANSWERED: (_ANSWER,),
        EventType.CASE_RECEIVED: (Declared(Placeholder.CASE_CODE, FactType.CASE_CODE),),
        EventType.PLAN_REVISED: (Declared(Placeholder.REVISION, FactType.COUNT),),
        EventType.ALERT_RAISED: (Declared(Placeholder.SINCE, FactType.DATE),),
    }
)

_OF_PERSONS: Mapping[TextKind, tuple[Declared, ...]] = MappingProxyType(
    {
        PersonalKind.CONFIRMATION: (
            Declared(Placeholder.CONFIRMATION, FactType.CONFIRMATION_CODE, is_mandatory=True),
        ),
        PersonalKind.URGENT: (Declared(Placeholder.URGENT, FactType.COUNT),),
    }
)


def declared(kind: TextKind, channel: ChannelKind) -> tuple[Declared, ...]:
    """The facts that a text of this kind on this channel has places for."""
    if kind in _OF_PERSONS:
        return _OF_PERSONS[kind]
    if kind is EventType.ENDPOINT_TEST:
        return (_TOLD_ON,)
    if channel is ChannelKind.SMS:
        return _ANY_SMS
    return (*_OF_MAILS.get(kind, ()), *_ANY_MAIL)


Facts = Mapping[Placeholder, Any]
"""The facts of one notice; of those that may be missing some are not in it."""
UNKNOWN = "?"
"""In the place of a fact that a notice of a release before does not have."""

SAMPLES: Facts = MappingProxyType(
    {
        Placeholder.ANSWER: "https://nhipcau.example/answer/vi-du",
        Placeholder.CASE_CODE: "HP-2026-000001",
        Placeholder.CODE: "019CD0B4",
        Placeholder.CONFIRMATION: "7Q2MXH-9T4K",
        Placeholder.NOT_DUE_BEFORE: datetime(2026, 3, 17, tzinfo=HAI_PHONG),
        Placeholder.PAGE: "https://nhipcau.example/offers/019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a432",
        Placeholder.REFERENCE: "referral/019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a432",
        Placeholder.REVISION: 2,
        Placeholder.SINCE: date(2026, 3, 2),
        Placeholder.TOLD_ON: date(2026, 3, 9),
        Placeholder.URGENT: 2,
    }
)
"""Invented facts, for whoever looks at a text before it is sent."""


def facts_of(kind: EventType, event: Mapping[str, Any], **links: str) -> Facts:
    """The facts that an event has, with the links that its channel makes."""
    data = event["data"]
    told = {
        Placeholder.TOLD_ON: _day(event["time"]),
        Placeholder.REFERENCE: event.get("subject"),
        Placeholder.CASE_CODE: data.get("case_code"),
        Placeholder.REVISION: data.get("version"),
        Placeholder.SINCE: _day(data["since"]) if "since" in data else None,
        Placeholder.NOT_DUE_BEFORE: _instant(data.get("answer_not_due_before")),
    }
    if kind is not EventType.ENDPOINT_TEST:
        told[Placeholder.CODE] = code_of(kind, data)
    known = {name: fact for name, fact in told.items() if fact is not None}
    return known | {Placeholder(name): link for name, link in links.items()}


def said(facts: Facts, language: str) -> dict[str, str]:
    """Every fact as a text of this language has it."""
    return {name: _written(facts.get(name), language) for name in Placeholder}


def _written(fact: Any, language: str) -> str:
    if fact is None:
        return UNKNOWN
    if isinstance(fact, datetime):
        local = fact.astimezone(HAI_PHONG)
        return f"{local:%d/%m/%Y %H:%M}" if language == VIETNAMESE else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(fact, date):
        return f"{fact:%d/%m/%Y}" if language == VIETNAMESE else fact.isoformat()
    return str(fact)


def _day(instant: str) -> date:
    return local_date(datetime.fromisoformat(instant))


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
