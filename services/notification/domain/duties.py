"""What an organisation whose address does not answer, and an operator, must do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from services.notification.models import Delivery, Endpoint
from services.notification.policy import DUE, PAUSED_FROM, Duty
from shared.access import Permission, visible
from shared.contracts.vocabulary import EndpointStatus
from shared.duties import Due, Duties, Named, duty, operators
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

_WAITS_SINCE = (
    select(func.min(Delivery.created_at))
    .where(Delivery.organisation_id == Endpoint.organisation_id, Delivery.state.in_(DUE))
    .scalar_subquery()
)


def _endpoints(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that failed so often in a row that they are called seldom."""
    sight = visible(subject, Permission.ENDPOINT_CHANGE)
    since = func.coalesce(_WAITS_SINCE, Endpoint.changed_at)
    return duty(
        literal(str(Duty.MEND_ENDPOINT)),
        subject="endpoint",
        object_id=Endpoint.endpoint_id,
        # To the minute: what is told to several organisations at once carries one instant.
        since=func.date_trunc("minute", since, type_=TYPES[datetime]),
        link=literal("endpoints"),
    ).where(
        Endpoint.status == EndpointStatus.ACTIVE,
        Endpoint.consecutive_failures >= PAUSED_FROM,
        sight.reaches(own=[Endpoint.organisation_id]),
    )


def _explain(_session: Session, _named: Sequence[Named]) -> Mapping[Named, Due]:
    """No row of the law dates any of these."""
    return {}


DUTIES = Duties(sources=(_endpoints, operators), explain=_explain)
