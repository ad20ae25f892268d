"""What is reported later of what was taken: of an SMS by its gateway, of a mail that came back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.domain.carriers import was_asked
from services.notification.domain.conclusions import conclude
from services.notification.domain.parked import note_parked, settle_parked
from services.notification.domain.personal_returns import (
    note_personal_bounce,
    note_personal_report,
)
from services.notification.domain.persons import note_person_report
from services.notification.errors import DeliveryNotFound, DeliveryUnderWay
from services.notification.models import Delivery
from services.notification.policy import (
    AttemptOutcome,
    Bounce,
    Bounced,
    DeliveryState,
    EventType,
    SmsOutcome,
    state_after_report,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit

GATEWAY = "gateway:sms"
BOUNCES = "bounces:mail"
"""Who reports, in the audit."""


def note_report(
    session: Session,
    *,
    delivery_id: UUID,
    attempt: int,
    reported: SmsOutcome,
    carrier: str | None = None,
    now: datetime,
) -> None:
    """Write down what became of an SMS; a repeat, and what is no news any more, change nothing.

    That it has failed counts of the try that the gateway took last, and of no earlier one.
    ``carrier`` is the gateway that reports, where one does. Refused: no SMS of this id, or none
    that this gateway was asked to send; a try whose own answer is not written down yet (to be
    reported again).
    """
    delivery = _locked(session, delivery_id, ChannelKind.SMS)
    if delivery is None:
        is_personal = note_personal_report(
            session,
            sent_as=delivery_id,
            attempt=attempt,
            reported=reported,
            carrier=carrier,
            actor=GATEWAY,
            now=now,
        )
        if is_personal:
            return
        note_person_report(
            session,
            sent_as=delivery_id,
            reported=reported,
            carrier=carrier,
            actor=GATEWAY,
            now=now,
        )
        return
    if carrier is not None and not was_asked(
        session, delivery_id=delivery_id, attempt=attempt, carrier=carrier
    ):
        raise DeliveryNotFound
    _check_over(delivery)
    is_delivered = reported is SmsOutcome.DELIVERED
    if is_delivered or attempt == delivery.attempts:
        _stand(session, delivery, is_delivered=is_delivered, actor=GATEWAY, now=now)


def note_bounce(session: Session, *, bounced: Bounced, now: datetime) -> None:
    """Write down what is said of a mail that came back; a repeat changes nothing.

    It counts of a mail as it was sent last, and of no time before it was had sent again. One that
    is only late is noted, for it is still tried by whoever took it. Refused: a try whose own answer
    is not written down yet (to be read again).
    """
    delivery = _locked(session, bounced.mail_id, ChannelKind.EMAIL)
    if delivery is None:
        note_personal_bounce(session, bounced=bounced, actor=BOUNCES, now=now)
        return
    _check_over(delivery)
    if bounced.tries_before != delivery.tries_before:
        return
    if bounced.bounce is Bounce.FAILED:
        _stand(session, delivery, is_delivered=False, actor=BOUNCES, now=now)
    elif delivery.state == DeliveryState.SENT and delivery.last_code != AttemptOutcome.DEFERRED:
        delivery.last_code = AttemptOutcome.DEFERRED
        audit.record(
            session, actor=BOUNCES, action="delivery.delayed", object_id=delivery.id, now=now
        )


def _locked(session: Session, delivery_id: UUID, channel: ChannelKind) -> Delivery | None:
    wanted = select(Delivery).where(Delivery.id == delivery_id, Delivery.channel == channel)
    return session.scalar(wanted.with_for_update())


def _check_over(delivery: Delivery) -> None:
    """Raises ``DeliveryUnderWay`` for a try whose own answer is not written down yet."""
    if delivery.state == DeliveryState.SENDING:
        raise DeliveryUnderWay


def _stand(
    session: Session, delivery: Delivery, *, is_delivered: bool, actor: str, now: datetime
) -> None:
    before = DeliveryState(delivery.state)
    last = AttemptOutcome(delivery.last_code) if delivery.last_code else None
    after = state_after_report(before, last, is_delivered=is_delivered)
    if after is None:
        return
    is_test = delivery.type == EventType.ENDPOINT_TEST
    delivery.state = DeliveryState.FAILED if is_test and not is_delivered else after
    delivery.concluded_at = now
    delivery.last_code = AttemptOutcome.DELIVERED if is_delivered else AttemptOutcome.UNDELIVERED
    session.flush()
    if delivery.state == before:
        return
    conclude(session, delivery, now=now, actor=actor)
    if is_delivered:
        settle_parked(session, [delivery.id], now=now)
    else:
        note_parked(session, [delivery], now=now)
