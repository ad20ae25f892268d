"""Where duties come from: rows that say by themselves that somebody must act."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    SQLColumnExpression,
    String,
    Uuid,
    and_,
    case,
    cast,
    literal,
    null,
    select,
    true,
)

from shared.access import Permission, visible
from shared.kit.subjects import Subject
from shared.messaging.alerts import ABOUT_CASES, OF_CASE_OWNERS, AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

Source = Callable[[Subject, datetime], Select[Any]]
"""What a subject must do at a time, of one kind of thing, as ``duty`` makes it."""


class Duty(StrEnum):
    """What an operator must do, in every service."""

    PARKED_MESSAGE = "parked_message"
    """Find out why a message was parked, and replay it or pass over it."""
    OPERATOR_ALERT = "operator_alert"
    """See to what the service cannot settle by itself."""


def duty(
    what: SQLColumnExpression[str],
    *,
    subject: str,
    object_id: SQLColumnExpression[UUID],
    since: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None],
    link: SQLColumnExpression[str],
    case_id: SQLColumnExpression[UUID] | None = None,
    case_code: SQLColumnExpression[str] | None = None,
    due_at: SQLColumnExpression[datetime] | None = None,
) -> Select[Any]:
    """The columns of a duty; ``link`` is an address under the service's own, without a slash.

    ``due_at`` is the first moment after the last day that a rule of law gives, and nothing else.
    """
    return select(
        what.label("what"),
        _or_null(case_id, Uuid()).label("case_id"),
        _or_null(case_code, String()).label("case_code"),
        literal(subject).label("subject"),
        object_id.label("object_id"),
        since.label("since"),
        _or_null(due_at, DateTime(timezone=True)).label("due_at"),
        link.label("link"),
    )


def _or_null(column: SQLColumnExpression[Any] | None, kind: Any) -> ColumnElement[Any]:
    return cast(null() if column is None else column, kind)


_ALERT = OPERATOR_ALERTS.c
_PARKED = (AlertKind.MESSAGE_PARKED, AlertKind.STALE_MESSAGE)
_IS_PARKED = _ALERT.kind.in_(_PARKED)


def operators(subject: Subject, _now: datetime) -> Select[Any]:
    """What waits for an operator in this service; of messages, those that are parked."""
    is_seen = visible(subject, Permission.ALERT_READ).is_over_all
    told = cast(_ALERT.facts["case_id"].astext, Uuid)
    return duty(
        case((_IS_PARKED, literal(str(Duty.PARKED_MESSAGE))), else_=str(Duty.OPERATOR_ALERT)),
        subject="alert",
        object_id=_ALERT.id,
        case_id=case((_ALERT.kind.in_(ABOUT_CASES), _ALERT.object_id), else_=told),
        since=_ALERT.raised_at,
        link=case((_IS_PARKED, literal("parked-messages")), else_="alerts"),
    ).where(
        and_(_ALERT.settled_at.is_(None), _ALERT.kind.not_in(OF_CASE_OWNERS)),
        true() if is_seen else ~true(),
    )
