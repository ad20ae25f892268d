"""What an organisation whose address is not sent to, and an operator, must do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from services.notification.models import Delivery, Endpoint
from services.notification.policy import DUE, PAUSED_FROM, Duty
from shared.access import Permission, visible
from shared.contracts.vocabulary import ChannelKind, EndpointStatus
from shared.duties import Due, Duties, Named, duty, operators
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

_WAITS_SINCE = (
    select(func.min(Delivery.created_at))
    .where(Delivery.organisation_id == Endpoint.organisation_id, Delivery.state.in_(DUE))
    .scalar_subquery()
)


def _endpoints(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that are called seldom, for they fail; or never, for somebody suspended them."""
    sight = visible(subject, Permission.ENDPOINT_CHANGE)
    since = func.coalesce(Endpoint.suspended_at, _WAITS_SINCE, Endpoint.changed_at)
    is_failing = Endpoint.consecutive_failures >= PAUSED_FROM
    return _of_endpoints(Duty.MEND_ENDPOINT, since).where(
        or_(is_failing, _IS_SUSPENDED), sight.reaches(own=[Endpoint.organisation_id])
    )


def _suspensions(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that nothing is sent to until an operator says so."""
    is_theirs = visible(subject, Permission.ENDPOINT_SUSPEND).is_over_all
    return _of_endpoints(Duty.RESUME_ENDPOINT, Endpoint.suspended_at).where(
        _IS_SUSPENDED, true() if is_theirs else false()
    )


_Other = aliased(Endpoint)
_IS_CALLED = and_(
    Endpoint.status == EndpointStatus.ACTIVE,
    ~exists().where(
        _Other.organisation_id == Endpoint.organisation_id,
        _Other.status == EndpointStatus.ACTIVE,
        tuple_(_Other.channel == ChannelKind.WEBHOOK, _Other.endpoint_id)
        > tuple_(Endpoint.channel == ChannelKind.WEBHOOK, Endpoint.endpoint_id),
    ),
)
"""Of the active endpoints of an organisation the one that is called, as ``REACHABLE`` has it."""
_IS_SUSPENDED = Endpoint.suspended_at.is_not(None)


def _of_endpoints(what: Duty, since: SQLColumnExpression[Any]) -> Select[Any]:
    return duty(
        literal(str(what)),
        subject="endpoint",
        object_id=Endpoint.endpoint_id,
        # To the minute: what is told to several organisations at once carries one instant.
        since=func.date_trunc("minute", since, type_=TYPES[datetime]),
        link=func.concat("endpoints?organisation_id=", Endpoint.organisation_id),
    ).where(_IS_CALLED)


def _explain(_session: Session, _named: Sequence[Named]) -> Mapping[Named, Due]:
    """No row of the law dates any of these."""
    return {}


DUTIES = Duties(
    sources=(_endpoints, _suspensions, operators),
    explain=_explain,
    waiting=frozenset({Duty.RESUME_ENDPOINT}),
)
