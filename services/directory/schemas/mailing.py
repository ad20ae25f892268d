"""Where people are written to and when, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.directory import examples
from services.directory.policy import Wishes
from services.directory.schemas.account import Typed
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind, MailLanguage
from shared.kit.shapes import Cursor, Id, Shape, shown

HourAndMinute = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Way = Literal[ChannelKind.EMAIL, ChannelKind.SMS]
"""By which a person can be told what is urgent."""
LinkEnd = Annotated[str, Field(min_length=1, max_length=100)]


class SettingsChange(Shape):
    """How often and when a person wants to be written to."""

    model_config = shown(examples.SETTINGS_CHANGE)

    digest: Digest
    """How often what is unread and open is written; what is urgent is written at once."""
    quiet_from: HourAndMinute | None = None
    """From when nothing is written that is not urgent, in Hải Phòng; unset with `quiet_to`."""
    quiet_to: HourAndMinute | None = None
    """Until when; earlier than `quiet_from` is on the next day."""
    language: MailLanguage
    """In which language the person is written to."""
    is_on_call: bool
    """Whether what is urgent comes in quiet hours, too."""
    urgent_first: Way = ChannelKind.EMAIL
    """By which way what is urgent is told, if it can be; else by the other one."""

    def wishes(self) -> Wishes:
        """As the rules know them."""
        quiet = (_minutes(self.quiet_from), _minutes(self.quiet_to))
        return Wishes(self.digest, *quiet, self.language, self.is_on_call, self.urgent_first)


class PhoneRead(Shape):
    """The phone of a person's own."""

    number: str
    """The number; only its owner is shown it."""
    named_at: AwareDatetime
    """When it was named: a code was sent there, which is good for a day."""
    confirmed_at: AwareDatetime | None
    """When its code came back; unset: nothing but the code is sent there."""
    refused_since: AwareDatetime | None
    """Since when it takes no SMS; unset while it does."""
    stopped_at: AwareDatetime | None
    """Since when nothing is sent there, for it refused too often: until it is named again and its
    code has come back.
    """


class SettingsRead(SettingsChange):
    """Where, how often and when a person is written to."""

    model_config = shown(examples.SETTINGS_READ)

    mailbox: str | None
    """The person's mailbox; unset if there is none."""
    mailbox_at: AwareDatetime | None
    """When it was named: a code was sent there, which is good for a day."""
    confirmed_at: AwareDatetime | None
    """When its code came back; unset: nothing but the code is sent there."""
    refused_since: AwareDatetime | None
    """Since when it refuses for good what is sent there; unset while it does not."""
    stopped_at: AwareDatetime | None
    """Since when nothing is sent there, for it refused too often: until it is named again and its
    code has come back.
    """
    phone: PhoneRead | None
    """The person's phone; unset if there is none."""

    @classmethod
    def of(cls, wishes: Wishes, **ways: Any) -> Self:
        """What was said, or what holds for whoever has said nothing."""
        return cls(
            digest=wishes.digest,
            quiet_from=hour_and_minute(wishes.quiet_from),
            quiet_to=hour_and_minute(wishes.quiet_to),
            language=wishes.language,
            is_on_call=wishes.is_on_call,
            urgent_first=wishes.urgent_first,
            **ways,
        )


class MailboxGiven(Shape):
    """A mailbox of a person's own."""

    model_config = shown(examples.MAILBOX_GIVEN)

    mailbox: Annotated[str, Field(min_length=3, max_length=254)]
    """The e-mail address, in ASCII, at a public domain."""


class PhoneGiven(Shape):
    """A phone of a person's own."""

    model_config = shown(examples.PHONE_GIVEN)

    number: Annotated[str, Field(min_length=3, max_length=16)]
    """The number: a mobile number of Viet Nam in E.164 (`+84…`)."""


class CodeGiven(Shape):
    """The code that was sent to the mailbox, or to the phone."""

    model_config = shown(examples.CODE_GIVEN)

    code: Typed
    """The code, in capital or small letters, with or without hyphens."""


class WeeklyPageChange(Shape):
    """Whether an office gets its weekly page."""

    model_config = shown(examples.WEEKLY_PAGE)

    is_wanted: bool
    """Whether it is written each week how much is open, late, and waits for others."""


class WeeklyPageRead(WeeklyPageChange):
    """Whether an office gets its weekly page."""

    model_config = shown(examples.WEEKLY_PAGE_READ)

    since: AwareDatetime | None
    """Since when; unset if it does not."""

    @classmethod
    def of(cls, since: datetime | None) -> Self:
        """As the organisation has it."""
        return cls(is_wanted=since is not None, since=since)


class Question(Shape):
    """What notification asks, when it asks it."""

    asked_at: AwareDatetime
    """When it is asked: what was signed more than a minute ago is refused."""


class MailingsAsked(Question):
    """Which part of the list is asked for."""

    model_config = shown(examples.MAILINGS_ASKED)

    after: Id | None = None
    """The last id of the part before; unset for the first part."""


class MailingRead(Shape):
    """Somebody who may be written to, by id alone."""

    kind: MailingKind
    """Whether it is a person, an office, or a person who has yet to confirm a mailbox."""
    id: UUID
    """The account or the organisation."""
    organisation_id: UUID
    """The organisation itself, or the one that the account belongs to."""
    since: AwareDatetime
    """Since when it is so."""
    digest: Digest
    """How often a digest is written."""
    quiet_from: HourAndMinute | None
    """From when nothing is written that is not urgent, in Hải Phòng."""
    quiet_to: HourAndMinute | None
    """Until when nothing is written that is not urgent."""
    is_on_call: bool
    """Whether what is urgent comes in quiet hours, too."""
    urgent_by: list[Way]
    """By which ways the person can be told what is urgent, the first one first."""
    phone_at: AwareDatetime | None
    """When a phone was named that waits for its code; unset if none does."""


class MailingList(Shape):
    """A part of all who may be written to, by id."""

    model_config = shown(examples.MAILING_LIST)

    items: list[MailingRead]
    """Them, in the order of their ids."""
    next_cursor: Cursor


class RecipientAsked(Question):
    """Whom notification is about to write to."""

    model_config = shown(examples.RECIPIENT_ASKED)

    kind: MailingKind
    """What the list says of the recipient's kind."""
    id: Id
    """The id that the list says."""
    by: Way = ChannelKind.EMAIL
    """By which way: to a mailbox, or to a phone of a person's own."""


class RecipientRead(Shape):
    """Where to write to, now."""

    model_config = shown(examples.RECIPIENT_READ)

    mailbox: str | None
    """The mailbox, if it is asked for; it is kept nowhere by whoever asks."""
    mailbox_id: UUID | None
    """Its id: another mailbox has another."""
    number: str | None
    """The number of the phone, if it is asked for; it is kept nowhere by whoever asks."""
    number_id: UUID | None
    """Its id: another number has another."""
    language: MailLanguage
    """In which language the mail or SMS is written."""
    code: str | None
    """The code that is to be sent, and nothing with it; set for a `confirmation` alone."""
    token: str | None
    """A token for `GET /duties` of every service and nothing else; unset for a `confirmation`."""


class Unsubscription(Shape):
    """The end of the link by which a mail can be ended."""

    model_config = shown(examples.UNSUBSCRIPTION)

    link: LinkEnd
    """As it stands in the mail, after the last slash."""


def hour_and_minute(minutes: int | None) -> str | None:
    """Minutes after midnight, as hour and minute."""
    return None if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(said: str | None) -> int | None:
    return None if said is None else int(said[:2]) * 60 + int(said[3:])
