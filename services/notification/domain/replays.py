"""An operator has a parked delivery sent again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.domain.reading import DeliveryView, reached, view_of
from services.notification.errors import DeliveryNotFound, DeliveryNotParked
from services.notification.models import Delivery
from services.notification.policy import DeliveryState, is_replayable
from shared.access import Permission
from shared.kit import audit
from shared.kit.database import database_now
from shared.kit.subjects import Subject
from shared.messaging.parking import ReplayReason


def replay_delivery(
    session: Session,
    *,
    delivery_id: UUID,
    subject: Subject,
    reason: ReplayReason,
    actor: str,
    now: datetime,
) -> DeliveryView:
    """Make a parked delivery due, with its tries before it again and the id it always had.

    Refused: not found; any state but parked.
    """
    is_reached = reached(subject, Permission.DELIVERY_REPLAY)
    query = select(Delivery).where(Delivery.id == delivery_id, is_reached)
    delivery = session.scalar(query.with_for_update())
    if delivery is None:
        raise DeliveryNotFound
    if not is_replayable(DeliveryState(delivery.state)):
        raise DeliveryNotParked(state=delivery.state)
    due_at = min(now, database_now(session))
    delivery.state = DeliveryState.PENDING
    delivery.tries_before = delivery.attempts
    delivery.next_at = due_at
    delivery.concluded_at = None
    delivery.replayed_at = now
    delivery.replayed_by = actor
    delivery.replay_reason = reason
    audit.record(
        session,
        actor=actor,
        action="delivery.replayed",
        object_id=delivery.id,
        now=now,
        reason=reason,
    )
    return view_of(delivery, subject)
