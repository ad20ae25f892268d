"""What is to be done about addresses that are not sent to, and about drafts of what is said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Tuple,
    and_,
    case,
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
from sqlalchemy.orm.util import AliasedClass

from services.notification.models import (
    Delivery,
    Endpoint,
    Organisation,
    SendingChannel,
    Template,
)
from services.notification.policy import DUE, PAUSED_FROM, TOPICS, Duty
from services.notification.policy.templates import TemplateState
from shared.access import Permission, visible
from shared.contracts.vocabulary import ChannelKind, EndpointStatus
from shared.duties import Due, Duties, Named, duty, operators
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

_Sibling = aliased(Endpoint)
_TOPIC = case(dict(TOPICS), value=Delivery.type)
_IS_FOR_ANOTHER = exists().where(
    _Sibling.organisation_id == Endpoint.organisation_id,
    _Sibling.status == EndpointStatus.ACTIVE,
    _Sibling.topic == _TOPIC,
)
_WAITS_SINCE = (
    select(func.min(Delivery.created_at))
    .where(
        Delivery.organisation_id == Endpoint.organisation_id,
        Delivery.state.in_(DUE),
        or_(Endpoint.topic == _TOPIC, and_(Endpoint.topic.is_(None), ~_IS_FOR_ANOTHER)),
    )
    .scalar_subquery()
)
"""Of what an endpoint takes, as ``TAKES`` has it."""


def _endpoints(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that are called seldom, for they fail; or never, for somebody suspended them."""
    sight = visible(subject, Permission.ENDPOINT_CHANGE)
    since = func.coalesce(
        Endpoint.suspended_at, _ORGANISATION_SUSPENDED_AT, _WAITS_SINCE, Endpoint.changed_at
    )
    is_failing = Endpoint.consecutive_failures >= PAUSED_FROM
    is_suspended = or_(_IS_SUSPENDED, _ORGANISATION_SUSPENDED_AT.is_not(None))
    return _of_endpoints(Duty.MEND_ENDPOINT, since).where(
        or_(is_failing, is_suspended), sight.reaches(own=[Endpoint.organisation_id])
    )


def _suspensions(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that nothing is sent to until an operator says so."""
    return _of_endpoints(Duty.RESUME_ENDPOINT, Endpoint.suspended_at).where(
        _IS_SUSPENDED, _is_operator(subject)
    )


def _suspended_organisations(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Organisations to which nothing is sent until an operator says so."""
    return duty(
        literal(str(Duty.RESUME_ORGANISATION)),
        subject="organisation",
        object_id=Organisation.organisation_id,
        since=_to_the_minute(Organisation.suspended_at),
        link=func.concat("endpoints?organisation_id=", Organisation.organisation_id),
    ).where(Organisation.suspended_at.is_not(None), _is_operator(subject))


def _suspended_channels(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Channels by which nothing is sent until an operator says so."""
    return duty(
        literal(str(Duty.RESUME_CHANNEL)),
        subject="channel",
        object_id=SendingChannel.channel_id,
        since=_to_the_minute(SendingChannel.suspended_at),
        link=literal("channels"),
    ).where(SendingChannel.suspended_at.is_not(None), _is_operator(subject))


def _drafts(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Drafts of what notices say that somebody else wrote, for whoever may publish them."""
    sight = visible(subject, Permission.TEMPLATE_PUBLISH)
    return duty(
        literal(str(Duty.PUBLISH_TEMPLATE)),
        subject="template",
        object_id=Template.id,
        since=Template.made_at,
        link=func.concat("template-versions/", Template.id),
    ).where(
        Template.state == TemplateState.DRAFT,
        Template.made_by != subject.actor,
        sight.reaches(own=[Template.organisation_id]),
    )


def _is_operator(subject: Subject) -> ColumnElement[bool]:
    return true() if visible(subject, Permission.ENDPOINT_SUSPEND).is_over_all else false()


def _to_the_minute(since: SQLColumnExpression[Any]) -> SQLColumnExpression[datetime]:
    """What is told to several organisations at once carries one instant."""
    return func.date_trunc("minute", since, type_=TYPES[datetime])


def _rank(it: type[Endpoint] | AliasedClass[Endpoint]) -> Tuple:
    """Which of those for the same is called: a webhook, else a mailbox, else a number."""
    return tuple_(
        it.channel == ChannelKind.WEBHOOK, it.channel == ChannelKind.EMAIL, it.endpoint_id
    )


_Other = aliased(Endpoint)
_IS_CALLED = and_(
    Endpoint.status == EndpointStatus.ACTIVE,
    ~exists().where(
        _Other.organisation_id == Endpoint.organisation_id,
        _Other.topic.is_not_distinct_from(Endpoint.topic),
        _Other.status == EndpointStatus.ACTIVE,
        _rank(_Other) > _rank(Endpoint),
    ),
)
"""Of the active endpoints of an organisation those that are called, as ``REACHABLE`` has it."""
_IS_SUSPENDED = Endpoint.suspended_at.is_not(None)
_ORGANISATION_SUSPENDED_AT = (
    select(Organisation.suspended_at)
    .where(Organisation.organisation_id == Endpoint.organisation_id)
    .scalar_subquery()
)


def _of_endpoints(what: Duty, since: SQLColumnExpression[Any]) -> Select[Any]:
    return duty(
        literal(str(what)),
        subject="endpoint",
        object_id=Endpoint.endpoint_id,
        since=_to_the_minute(since),
        link=func.concat("endpoints?organisation_id=", Endpoint.organisation_id),
    ).where(_IS_CALLED)


def _explain(_session: Session, _named: Sequence[Named]) -> Mapping[Named, Due]:
    """No row of the law dates any of these."""
    return {}


DUTIES = Duties(
    sources=(
        _endpoints,
        _suspensions,
        _suspended_organisations,
        _suspended_channels,
        _drafts,
        operators,
    ),
    explain=_explain,
    waiting=frozenset({Duty.RESUME_ENDPOINT, Duty.RESUME_ORGANISATION, Duty.RESUME_CHANNEL}),
)
