"""When people are written to beside their offices, and what for: digests, quiet hours, urgency."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind
from shared.kit.clock import HAI_PHONG

MORNING = timedelta(hours=7)
"""After midnight in Hải Phòng: a day's digest is there before offices open."""


class PersonalMail(StrEnum):
    """What is written to a person, or to an office about itself."""

    CONFIRMATION = "confirmation"
    DIGEST = "digest"
    URGENT = "urgent"
    WEEK = "week"
    """The weekly page of an organisation: whose turn it is there."""


OPTIONAL = frozenset({PersonalMail.DIGEST, PersonalMail.WEEK})
"""What can be ended by a link in the mail; what is urgent cannot."""


class MailState(StrEnum):
    """Where such a mail stands."""

    SENDING = "sending"
    """Claimed: intended, perhaps under way; due again when the claim's lease ends."""
    PENDING = "pending"
    """Put off: a service or a mail server could not do its part."""
    SENT = "sent"
    NOTHING = "nothing"
    """There was nothing to say, or nobody to say it to, when it was made."""
    PARKED = "parked"
    """The mailbox or phone does not take it, however often it is tried."""
    UNUSABLE = "unusable"
    """It could not go by its way: the mailbox or phone was ended, or our gateway was away for too
    long.
    """
    UNKNOWN = "unknown"
    """An SMS of which nobody knows whether it left: it is not sent again, by no way."""
    EXPIRED = "expired"
    """A digest that never left, of a time that is over: the next one says what is left of it."""


OPEN = (MailState.SENDING, MailState.PENDING)
"""States of what is still to be sent."""
FREEING = (MailState.PARKED, MailState.UNUSABLE)
"""States of what has certainly not been told: what it was about may go by the other way."""


class PersonalText(StrEnum):
    """What these mails say besides what happened: nothing of anybody."""

    CODE = "code"
    CODE_LEAD = "code_lead"
    DIGEST_LEAD = "digest_lead"
    URGENT_LEAD = "urgent_lead"
    WEEK_LEAD = "week_lead"
    UNREAD = "unread"
    DUTIES = "duties"
    LATE = "late"
    WAITING = "waiting"
    REFERENCE = "reference"
    DUE = "due"
    MORE = "more"
    MORE_UNREAD = "more_unread"
    LINK = "link"
    SETTINGS = "settings"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True)
class Mailing:
    """Somebody who may be written to, by id, and when they want to be."""

    kind: MailingKind
    id: UUID
    organisation_id: UUID
    since: datetime
    digest: Digest
    quiet_from: int | None = None
    """Minutes after midnight in Hải Phòng."""
    quiet_to: int | None = None
    is_on_call: bool = False
    urgent_by: tuple[ChannelKind, ...] = ()
    """By which ways what is urgent can be told, the first one first."""
    phone_at: datetime | None = None
    """When a phone was named that waits for its code."""

    def is_quiet(self, at: datetime) -> bool:
        """Whether nothing is written then that is not urgent."""
        return is_within(self.quiet_from, self.quiet_to, at)

    def is_reached(self, at: datetime) -> bool:
        """Whether what is urgent is written then: always to whoever is on call."""
        return self.is_on_call or not self.is_quiet(at)

    def period(self, at: datetime) -> datetime | None:
        """The digest whose time has come, by its beginning; none while there is nothing to send.

        The first is of a period that begins after the person wanted it so.
        """
        begun = period_of(self.digest, at)
        if begun is None or begun < self.since or self.is_quiet(at):
            return None
        return begun

    def key(self, kind: PersonalMail, what: object) -> str:
        """Unique per effect: the same thing is written to the same one under one id only."""
        return f"{kind}:{self.id}:{what}"


def is_within(begins: int | None, ends: int | None, at: datetime) -> bool:
    """Whether an instant lies in the hours between these minutes of a day, also over midnight."""
    if begins is None or ends is None:
        return False
    local = at.astimezone(HAI_PHONG)
    minute = local.hour * 60 + local.minute
    if begins < ends:
        return begins <= minute < ends
    return minute >= begins or minute < ends


def period_of(digest: Digest, at: datetime) -> datetime | None:
    """When the hour, day or week began that an instant lies in; none for whoever wants none.

    Days begin at seven in Hải Phòng, weeks on Mondays.
    """
    local = at.astimezone(HAI_PHONG)
    if digest is Digest.NONE:
        return None
    if digest is Digest.HOUR:
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    day = (local - MORNING).date()
    if digest is Digest.WEEK:
        day -= timedelta(days=day.weekday())
    return (datetime.combine(day, time.min, HAI_PHONG) + MORNING).astimezone(UTC)
