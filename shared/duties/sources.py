"""Where duties come from: rows that say by themselves that somebody must act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Select,
    SQLColumnExpression,
    String,
    Uuid,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.orm import Session

from shared.access import Permission, visible
from shared.kit.subjects import Subject
from shared.law import End
from shared.messaging.alerts import ABOUT_CASES, OF_CASE_OWNERS, AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

Source = Callable[[Session, Subject, datetime], Select[Any]]
"""What a subject must do at a time, of one kind of thing, as ``duty`` makes it. The session is for
what the SELECT cannot know, such as the ends that the law gives.
"""


@dataclass(frozen=True)
class About:
    """The case that a duty is done for, as far as whoever does it may know: never who it is."""

    case_id: SQLColumnExpression[UUID] | None = None
    case_code: SQLColumnExpression[str] | SQLColumnExpression[str | None] | None = None
    age_band: SQLColumnExpression[str] | None = None
    sex: SQLColumnExpression[str] | None = None
    area_code: SQLColumnExpression[str] | None = None
    area_on: SQLColumnExpression[date] | None = None
    """The day by which that code is read."""


NO_CASE = About()


class Duty(StrEnum):
    """What an operator must do, in every service."""

    PARKED_MESSAGE = "parked_message"
    """Find out why a message was parked, and replay it or pass over it."""
    PARKED_DELIVERY = "parked_delivery"
    """Find out why a webhook did not arrive, and have it sent again."""
    OPERATOR_ALERT = "operator_alert"
    """See to what the service cannot settle by itself."""


def duty(
    what: SQLColumnExpression[str],
    *,
    subject: str,
    object_id: SQLColumnExpression[UUID],
    since: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None],
    link: SQLColumnExpression[str],
    about: About = NO_CASE,
    code: SQLColumnExpression[str] | None = None,
    due_at: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None] | None = None,
) -> Select[Any]:
    """The columns of a duty; ``link`` is an address under the service's own, without a slash.

    ``code`` is the support that it is about. ``due_at`` is the first moment after the last day
    that a rule of law gives, and nothing else.
    """
    return select(
        what.label("what"),
        _or_null(about.case_id, Uuid()).label("case_id"),
        _or_null(about.case_code, String()).label("case_code"),
        _or_null(about.age_band, String()).label("age_band"),
        _or_null(about.sex, String()).label("sex"),
        _or_null(about.area_code, String()).label("area_code"),
        _or_null(about.area_on, Date()).label("area_on"),
        _or_null(code, String()).label("code"),
        literal(subject).label("subject"),
        object_id.label("object_id"),
        since.label("since"),
        _or_null(due_at, DateTime(timezone=True)).label("due_at"),
        link.label("link"),
    )


def by_day(ends: Mapping[date, End | None]) -> Any:
    """A table of ``day`` and ``due_at``: when what began on each day ends, where it does.

    There are as many ends as days, however many things began on them.
    """
    due = {day: end.at for day, end in ends.items() if end is not None}
    moment = DateTime(timezone=True)
    return (
        func.unnest(literal(list(due), ARRAY(Date)), literal(list(due.values()), ARRAY(moment)))
        .table_valued(column("day", Date), column("due_at", moment), name="ends")
        .render_derived()
    )


def _or_null(column: SQLColumnExpression[Any] | None, kind: Any) -> ColumnElement[Any]:
    return cast(null() if column is None else column, kind)


_ALERT = OPERATOR_ALERTS.c
_PARKED = (AlertKind.MESSAGE_PARKED, AlertKind.STALE_MESSAGE)
_IS_PARKED = _ALERT.kind.in_(_PARKED)
_IS_UNDELIVERED = _ALERT.kind == AlertKind.DELIVERY_PARKED


def operators(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What waits for an operator in this service; of messages, those that are parked."""
    is_seen = visible(subject, Permission.ALERT_READ).is_over_all
    told = cast(_ALERT.facts["case_id"].astext, Uuid)
    return duty(
        case(
            (_IS_PARKED, literal(str(Duty.PARKED_MESSAGE))),
            (_IS_UNDELIVERED, str(Duty.PARKED_DELIVERY)),
            else_=str(Duty.OPERATOR_ALERT),
        ),
        subject="alert",
        object_id=_ALERT.id,
        about=About(case((_ALERT.kind.in_(ABOUT_CASES), _ALERT.object_id), else_=told)),
        since=_ALERT.raised_at,
        link=case(
            (_IS_PARKED, literal("parked-messages")),
            (_IS_UNDELIVERED, func.concat("deliveries/", _ALERT.object_id)),
            else_="alerts",
        ),
    ).where(
        and_(_ALERT.settled_at.is_(None), _ALERT.kind.not_in(OF_CASE_OWNERS)),
        true() if is_seen else ~true(),
    )
