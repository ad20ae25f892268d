"""When and how a person may be reached without anybody else noticing.

What the person said stands for thirty days after an officer last heard it from them. Whether a
message may go is decided at the moment at which it would leave, never when it was asked for: a
partner may have come home meanwhile, and a phone may have changed hands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from services.intake.policy.findings import Caution
from services.intake.policy.phones import ContactWay
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome
from shared.kit.clock import HAI_PHONG, local_date

CONFIRMED_FOR = timedelta(days=30)
"""For how long what the person said is relied on. No period of any law: it is what issue 9 asks
for, and short because circumstances change before anybody hears of it.
"""
A_DAY = timedelta(days=1)
A_WEEK = 7


class Weekday(StrEnum):
    """A day of the week, from Monday on."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class PersonText(StrEnum):
    """What a message to a person may say; there is no other text (``texts/*.po``)."""

    CALL_KNOWN_NUMBER = "call_known_number"
    APPOINTMENT_STANDS = "appointment_stands"
    APPOINTMENT_MOVED = "appointment_moved"


class PersonLanguage(StrEnum):
    """In which language a message is written."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


class ContactEnd(StrEnum):
    """Why a contact point is used no more."""

    WITHDRAWN = "withdrawn"
    """The person took it back."""
    REPLACED = "replaced"
    """The person said something else since."""


class RiskReason(StrEnum):
    """Why nothing may reach the person's phone."""

    PHONE_WATCHED = "phone_watched"
    """Somebody else reads what comes to it."""
    SOUGHT = "sought"
    """Whoever harmed the person looks for them, or is near."""
    THREATENED = "threatened"
    PERSON_ASKED = "person_asked"


class RiskEnd(StrEnum):
    """Why messages may go again."""

    PERSON_SAYS_SAFE = "person_says_safe"
    MOVED_AWAY = "moved_away"
    """The person lives elsewhere, or whoever threatened does."""
    RAISED_IN_ERROR = "raised_in_error"


class ReachedHow(StrEnum):
    """How a caseworker has reached the person otherwise."""

    CALLED = "called"
    MET = "met"
    THROUGH_SOMEBODY_TRUSTED = "through_somebody_trusted"
    NOT_NEEDED_ANY_MORE = "not_needed_any_more"
    COULD_NOT_BE_REACHED = "could_not_be_reached"


@dataclass(frozen=True, repr=False)
class ContactRules:
    """What the person said about one number."""

    ways: Collection[ContactWay]
    days: Collection[Weekday]
    """On which days; on all of them where none is named."""
    hours: str | None
    """``18:00/20:00`` by the clock of Vietnam; all day where it is unset."""
    is_shared: bool
    """Whether somebody else uses the device."""
    is_answered_by_others: bool
    """Whether the person has named somebody else who may answer."""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "ContactRules":
        """Those that were sealed with a number."""
        rule = details["rule"]
        return cls(
            ways=frozenset(map(ContactWay, rule["ways"])),
            days=frozenset(map(Weekday, rule["days"])),
            hours=rule["hours"],
            is_shared=rule["is_shared"],
            is_answered_by_others=is_answered_by_others(rule),
        )


@dataclass(frozen=True)
class Window:
    """A time in which the person may be reached: from its start until before its end."""

    begins_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begins_at <= at < self.ends_at


@dataclass(frozen=True)
class Standing:
    """What stands in the clear of a contact point and its person."""

    is_silenced: bool
    is_ended: bool
    confirmed_on: date | None
    has_suspect: bool
    """Whether whoever stands beside the person is suspected of a part in what was done."""


def is_answered_by_others(rule: Mapping[str, Any] | None) -> bool:
    """Whether a rule as it is sealed names somebody else who may answer."""
    return bool(rule and rule.get("answered_by"))


def has_suspect(warnings: Collection[str]) -> bool:
    """Whether a case says that whoever stands beside the person is suspected.

    Who lives with a suspect is reached only where nobody but themselves answers: any other voice
    may be the suspect's, or tell them.
    """
    return Caution.REPRESENTATIVE_IS_SUSPECT in warnings


def window_on(rules: ContactRules, day: date) -> Window | None:
    """The window that begins on a day; none if the person named other days.

    Hours that end before they begin go on past midnight, and belong to the day they begin on.
    """
    if rules.days and _weekday(day) not in rules.days:
        return None
    if rules.hours is None:
        return Window(_moment(day, time()), _moment(day + A_DAY, time()))
    first, last = (time.fromisoformat(each) for each in rules.hours.split("/"))
    ends_on = day if first < last else day + A_DAY
    return Window(_moment(day, first), _moment(ends_on, last))


def window_at(rules: ContactRules, at: datetime) -> Window | None:
    """The window that is open at a moment; of two, that of the day before, which ends first."""
    today = local_date(at)
    found = (window_on(rules, day) for day in (today - A_DAY, today))
    return next((each for each in found if each is not None and each.holds(at)), None)


def next_window(rules: ContactRules, at: datetime) -> Window:
    """The window that is open, or the one that opens next: within a week and a day there is one."""
    is_open = window_at(rules, at)
    if is_open is not None:
        return is_open
    days = (local_date(at) + A_DAY * count for count in range(A_WEEK + 1))
    found = (window_on(rules, day) for day in days)
    return next(each for each in found if each is not None and each.begins_at > at)


def refusal_to_ask(standing: Standing, rules: ContactRules, now: datetime) -> ContactRefusal | None:
    """Why nothing may be asked for; nothing of the hour, for the next window is waited for."""
    if standing.is_silenced:
        return ContactRefusal.RISK_FLAG
    if standing.is_ended:
        return ContactRefusal.ENDED
    if not is_confirmed(standing.confirmed_on, local_date(now)):
        return ContactRefusal.UNCONFIRMED
    if ContactWay.MESSAGE not in rules.ways:
        return ContactRefusal.NOT_BY_MESSAGE
    if rules.is_shared:
        return ContactRefusal.SHARED_DEVICE
    is_telling = standing.has_suspect and rules.is_answered_by_others
    return ContactRefusal.SUSPECT_ANSWERS if is_telling else None


def refusal_to_send(
    standing: Standing, rules: ContactRules, now: datetime, *, before: datetime
) -> ContactRefusal | None:
    """Why a message does not leave now, where it was to leave ``before`` its window closes."""
    refusal = refusal_to_ask(standing, rules, now)
    if refusal is not None:
        return refusal
    is_open = now < before and window_at(rules, now) is not None
    return None if is_open else ContactRefusal.OUTSIDE_WINDOW


def is_left_to_people(
    outcome: PersonMessageOutcome | None, now: datetime, *, before: datetime
) -> bool:
    """Whether a caseworker has to reach the person: it did not arrive, or its window is over."""
    return outcome in NOT_REACHED or (outcome is None and before <= now)


def is_confirmed(confirmed_on: date | None, today: date) -> bool:
    """Whether what was confirmed on a day is relied on today, the thirtieth day after included."""
    return confirmed_on is not None and today - CONFIRMED_FOR <= confirmed_on <= today


NOT_REACHED = (
    PersonMessageOutcome.CANCELLED,
    PersonMessageOutcome.EXPIRED,
    PersonMessageOutcome.NOT_SENT,
    PersonMessageOutcome.UNDELIVERED,
    PersonMessageOutcome.UNKNOWN,
)
"""Ends after which a caseworker reaches the person another way."""

_AWAITING_REPORT = (PersonMessageOutcome.SENT, PersonMessageOutcome.UNKNOWN)


def outcome_after(
    before: PersonMessageOutcome | None, told: PersonMessageOutcome
) -> PersonMessageOutcome | None:
    """What is known of a message once this is told; ``None`` where it is no news.

    What has arrived has, whatever was thought of it. What was refused here was not sent.
    """
    if before is None:
        return told
    is_report = told in {PersonMessageOutcome.DELIVERED, PersonMessageOutcome.UNDELIVERED}
    return told if is_report and before in _AWAITING_REPORT else None


def _weekday(day: date) -> Weekday:
    return list(Weekday)[day.weekday()]


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=HAI_PHONG)
