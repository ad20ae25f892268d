"""Messages to persons: claimed, concluded, reported of; and told to intake each time.

A row holds ids. Number and text are in the memory of the sender that asked for them, for one call.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.due import note_due
from services.notification.domain.rows import ACTOR
from services.notification.errors import DeliveryNotFound, DeliveryUnderWay
from services.notification.models import PersonMessage, SendingChannel
from services.notification.policy import (
    PersonMessageState,
    PersonTry,
    SmsOutcome,
    asked_again_after,
    state_of_person_report,
)
from shared.contracts import PersonMessageAsked, PersonMessageConcluded
from shared.contracts.vocabulary import ChannelKind, PersonMessageOutcome
from shared.kit import audit
from shared.kit.identifiers import reference_of
from shared.messaging import outbox

STEP = 100
"""Most messages given up in one transaction."""


@dataclass(frozen=True)
class ClaimedMessage:
    """A message that is this sender's until its lease ends."""

    id: UUID
    message_id: UUID
    number: int
    """Which try this is."""


def note_asked(session: Session, told: PersonMessageAsked, now: datetime) -> None:
    """Keep that a message is to leave; told again, it is the same one."""
    made = {
        "id": reference_of("person_message", told.message_id),
        "message_id": told.message_id,
        "case_id": told.case_id,
        "state": PersonMessageState.PENDING,
        "next_at": told.send_at,
        "created_at": now,
    }
    session.execute(insert(PersonMessage).values(made).on_conflict_do_nothing())
    note_due(session)


def claim_message(
    session: Session, *, lease_seconds: float, now: datetime
) -> ClaimedMessage | None:
    """Take what is due first, if anything is; ``now`` is the database's.

    What a sender has left behind may have left, and is given to nobody: it is not sent again. While
    an operator has stopped what goes by SMS nothing is taken; its window may pass meanwhile.
    """
    asked = select(PersonMessage).where(PersonMessage.next_at <= now)
    locked = asked.order_by(PersonMessage.next_at).with_for_update(skip_locked=True)
    left = locked.where(PersonMessage.state == PersonMessageState.SENDING).limit(STEP)
    for each in session.scalars(left).all():
        _conclude(session, each, PersonMessageState.UNKNOWN, now, ACTOR)
    is_stopped = exists().where(
        SendingChannel.channel == ChannelKind.SMS, SendingChannel.suspended_at.is_not(None)
    )
    pending = locked.where(PersonMessage.state == PersonMessageState.PENDING, ~is_stopped).limit(1)
    message = session.scalar(pending)
    if message is None:
        return None
    message.state = PersonMessageState.SENDING
    message.attempts += 1
    message.next_at = now + timedelta(seconds=lease_seconds)
    return ClaimedMessage(message.id, message.message_id, message.attempts)


def give_to(
    session: Session,
    *,
    claimed: ClaimedMessage,
    carrier: str,
    lease_seconds: float,
    now: datetime,
) -> bool:
    """Write down which gateway is asked, before it is; whether the message is still this try's.

    Of the one before nothing has left, or nobody would be asked after it.
    """
    message = _current(session, claimed)
    if message is None:
        return False
    message.carrier = carrier
    message.next_at = now + timedelta(seconds=lease_seconds)
    return True


def record_try(
    session: Session,
    *,
    claimed: ClaimedMessage,
    ended: PersonTry,
    unit_seconds: float,
    now: datetime,
) -> None:
    """Write down how a try ended; a late result of a try whose lease is over changes nothing."""
    message = _current(session, claimed)
    if message is None:
        return
    message.refusal = ended.refusal
    wait = asked_again_after(claimed.number, unit_seconds=unit_seconds)
    if ended.state is not None:
        _conclude(session, message, ended.state, now, ACTOR)
    elif wait is None:
        _conclude(session, message, PersonMessageState.EXPIRED, now, ACTOR)
    else:
        message.state = PersonMessageState.PENDING
        message.next_at = now + timedelta(seconds=wait)


def _current(session: Session, claimed: ClaimedMessage) -> PersonMessage | None:
    """The message, if this try is still under way."""
    asked = select(PersonMessage).where(
        PersonMessage.id == claimed.id,
        PersonMessage.attempts == claimed.number,
        PersonMessage.state == PersonMessageState.SENDING,
    )
    return session.scalar(asked.with_for_update())


def note_person_report(
    session: Session,
    *,
    sent_as: UUID,
    reported: SmsOutcome,
    carrier: str | None,
    actor: str,
    now: datetime,
) -> None:
    """Write down what the network reports, if the gateway that says so was asked last.

    Raises ``DeliveryNotFound``, ``DeliveryUnderWay``.
    """
    asked = select(PersonMessage).where(PersonMessage.id == sent_as)
    message = session.scalar(asked.with_for_update())
    if message is None or (carrier and message.carrier not in {None, carrier}):
        raise DeliveryNotFound
    state = PersonMessageState(message.state)
    if state is PersonMessageState.SENDING:
        raise DeliveryUnderWay
    after = state_of_person_report(state, is_delivered=reported is SmsOutcome.DELIVERED)
    if after is not None:
        _conclude(session, message, after, now, actor)


def _conclude(
    session: Session,
    message: PersonMessage,
    state: PersonMessageState,
    now: datetime,
    actor: str,
) -> None:
    message.state, message.concluded_at = state, now
    audit.record(
        session, actor=actor, action=f"person_message.{state}", object_id=message.id, now=now
    )
    outbox.add(
        session,
        PersonMessageConcluded(
            occurred_at=now,
            case_id=message.case_id,
            message_id=message.message_id,
            outcome=PersonMessageOutcome(state),
        ),
    )
