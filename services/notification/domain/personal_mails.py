"""Mails and SMS to people, and weekly pages: each once, whatever dies; not what they say.

A row says that there is such a mail, and how it stands. What it says is found when it is sent: what
is unread and open then. Where it goes is asked of the directory then, and kept nowhere.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.personal_returns import ACTOR, tell_refused
from services.notification.models import Organisation, PersonalMailRow, SendingChannel
from services.notification.policy import (
    OPEN,
    UNTRIED,
    WRITTEN,
    AttemptOutcome,
    MailState,
    Past,
    PersonalMail,
    past_of,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit
from shared.kit.identifiers import reference_of


@dataclass(frozen=True)
class Written:
    """A mail or an SMS that is this process's to send until its lease ends."""

    id: UUID
    kind: PersonalMail
    channel: ChannelKind
    recipient_id: UUID
    number: int
    """Which try this is."""


def stopped_ways(session: Session, *, organisation_id: UUID) -> frozenset[ChannelKind]:
    """By which ways somebody has stopped what goes to people of this organisation (ADR 0058)."""
    is_stopped = exists().where(
        Organisation.organisation_id == organisation_id, Organisation.suspended_at.is_not(None)
    )
    if session.scalar(select(is_stopped)):
        return frozenset(WRITTEN)
    stopped = select(SendingChannel.channel).where(SendingChannel.suspended_at.is_not(None))
    return frozenset(map(ChannelKind, session.scalars(stopped)))


def claim_mail(
    session: Session,
    *,
    key: str,
    kind: PersonalMail,
    channel: ChannelKind,
    recipient_id: UUID,
    lease_seconds: float,
    now: datetime,
) -> Written | None:
    """Take the mail of this key, if it is not sent yet and nobody else has it.

    A digest of the time before, which never left, is over with it.
    """
    lease = now + timedelta(seconds=lease_seconds)
    fresh = insert(PersonalMailRow).values(
        id=mail_id_of(key),
        effect_key=key,
        kind=kind,
        channel=channel,
        recipient_id=recipient_id,
        state=MailState.SENDING,
        attempts=1,
        next_at=lease,
        created_at=now,
    )
    taken = session.execute(
        fresh.on_conflict_do_update(
            index_elements=[PersonalMailRow.effect_key],
            set_={
                "state": MailState.SENDING,
                "attempts": PersonalMailRow.attempts + 1,
                "next_at": lease,
            },
            where=_is_due(now),
        ).returning(PersonalMailRow.id, PersonalMailRow.attempts)
    ).one_or_none()
    if taken is None:
        return None
    if kind is not PersonalMail.URGENT:
        _expire(session, kind, channel, recipient_id, but=taken.id, now=now)
    return Written(taken.id, kind, channel, recipient_id, taken.attempts)


def keep_mail(session: Session, *, mail: Written, lease_seconds: float, now: datetime) -> bool:
    """Whether the mail is still this process's, as it leaves; if so, for one more lease.

    What there is to say is asked of several services, which may take longer than a lease.
    """
    lease = now + timedelta(seconds=lease_seconds)
    kept = update(PersonalMailRow).where(_is_current(mail)).values(next_at=lease)
    return session.scalar(kept.returning(PersonalMailRow.id)) is not None


def carried_before(session: Session, *, mail: Written) -> Past:
    """By whom it went before, if it did, and how that ended."""
    query = select(PersonalMailRow.carrier, PersonalMailRow.last_code).where(
        PersonalMailRow.id == mail.id
    )
    row = session.execute(query).one()
    if row.carrier is None or row.last_code is None:
        return UNTRIED
    return past_of(mail.channel, [(row.carrier, AttemptOutcome(row.last_code))])


def give_mail_to(
    session: Session, *, mail: Written, carrier: str, number_id: UUID | None = None
) -> bool:
    """Write down which server or gateway is asked, before it is; whether this is still its try.

    With the phone that an SMS is for: from now on it may have left.
    """
    asked = update(PersonalMailRow).where(_is_current(mail))
    given = asked.values(carrier=carrier, number_id=number_id).returning(PersonalMailRow.id)
    return session.scalar(given) is not None


def claim_left(
    session: Session,
    *,
    recipient_id: UUID,
    ways: Collection[ChannelKind],
    lease_seconds: float,
    now: datetime,
) -> Written | None:
    """Take what is urgent and was put off, or whose sender died, if it goes by one of these ways.

    What a sender may have sent to a phone before it died is not taken.
    """
    left = select(PersonalMailRow).where(
        PersonalMailRow.recipient_id == recipient_id,
        PersonalMailRow.kind == PersonalMail.URGENT,
        or_(*(PersonalMailRow.channel == each for each in ways)),
        _is_due(now),
    )
    found = session.scalars(left.order_by(PersonalMailRow.created_at).limit(1)).one_or_none()
    if found is None:
        return None
    return claim_mail(
        session,
        key=found.effect_key,
        kind=PersonalMail.URGENT,
        channel=ChannelKind(found.channel),
        recipient_id=recipient_id,
        lease_seconds=lease_seconds,
        now=now,
    )


def conclude_mail(
    session: Session,
    *,
    mail: Written,
    state: MailState,
    outcome: AttemptOutcome | None,
    next_at: datetime | None,
    sent_to: UUID | None,
    now: datetime,
) -> None:
    """Write down what became of a try; the result of one that was claimed again says nothing.

    ``sent_to`` is the mailbox or phone, if one was tried. That it took none of it for good is told
    to the directory, where its owner is found.
    """
    is_open = state in OPEN
    if mail.channel is ChannelKind.SMS:
        # What is tried again has certainly not left.
        tried = {"number_id": None if is_open else sent_to or PersonalMailRow.number_id}
    else:
        tried = {"mailbox_id": sent_to or PersonalMailRow.mailbox_id}
    done = session.scalar(
        update(PersonalMailRow)
        .where(_is_current(mail))
        .values(
            state=state,
            last_code=outcome,
            next_at=next_at or PersonalMailRow.next_at,
            **tried,
            concluded_at=None if is_open else now,
        )
        .returning(PersonalMailRow.id)
    )
    if done is not None and not is_open and state is not MailState.NOTHING:
        action = f"personal_mail.{state}"
        audit.record(
            session, actor=ACTOR, action=action, object_id=mail.id, now=now, kind=mail.kind
        )
    if done is not None and state is MailState.PARKED:
        tell_refused(session, session.get_one(PersonalMailRow, mail.id), now=now)


def mail_id_of(key: str) -> UUID:
    """The id of the mail of this key."""
    return reference_of("personal_mail", key)


def _is_current(mail: Written) -> ColumnElement[bool]:
    """It is the try of this claim, and of no later one."""
    return and_(
        PersonalMailRow.id == mail.id,
        PersonalMailRow.attempts == mail.number,
        PersonalMailRow.state == MailState.SENDING,
    )


_IS_OPEN = or_(*(PersonalMailRow.state == each for each in OPEN))


def _is_due(now: datetime) -> ColumnElement[bool]:
    may_have_left = and_(
        PersonalMailRow.state == MailState.SENDING, PersonalMailRow.number_id.is_not(None)
    )
    return and_(_IS_OPEN, PersonalMailRow.next_at <= now, ~may_have_left)


def _expire(
    session: Session,
    kind: PersonalMail,
    channel: ChannelKind,
    recipient_id: UUID,
    *,
    but: UUID,
    now: datetime,
) -> None:
    session.execute(
        update(PersonalMailRow)
        .where(
            PersonalMailRow.recipient_id == recipient_id,
            PersonalMailRow.kind == kind,
            PersonalMailRow.channel == channel,
            PersonalMailRow.id != but,
            _is_due(now),
        )
        .values(state=MailState.EXPIRED, concluded_at=now)
    )
