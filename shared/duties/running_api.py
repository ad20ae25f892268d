"""The clocks that the caller reads, over HTTP, the same in every service that keeps clocks."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import ClockLevel, EntitlementCode, Regime
from shared.duties.api import DutyDay
from shared.duties.running import (
    Running,
    RunningPlace,
    RunningRow,
    RunningWanted,
    find_running,
)
from shared.kit.clock import minute_of
from shared.kit.http import Now, ReadSession, place_of
from shared.kit.pages import CursorUnknown, PageParamsByCode
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Day, Id, Shape, shown
from shared.kit.subjects import Subject
from shared.law.shapes import EndRead, RuleRead, example_rule

ROUTE = "/clocks"
_BETWEEN = " "
_UNDATED = "-"
_EXAMPLE = {
    "items": [
        {
            "id": "019cac91-ba76-7c9a-9da7-bf8ac2edae21",
            "subject": "verification",
            "object_id": "019cac91-ba76-7c9a-9da7-bf8ac2edae25",
            "case_id": "019cac91-ba76-7c9a-9da7-bf8ac2edae26",
            "case_code": "HP-7K3M-9Q2F",
            "code": None,
            "started_at": "2026-03-03T01:16:00Z",
            "due_at": None,
            "rule": example_rule(
                PeriodKey.VERIFICATION_NORMAL, on=date(2026, 3, 3), regime=Regime.LAW_2024
            ),
            "why": None,
            "paused_at": None,
            "level": None,
            "level_since": None,
            "level_holder_id": None,
            "breached_at": None,
            "duty": "decide_verification",
            "link": "/verification/v1/verifications/019cac91-ba76-7c9a-9da7-bf8ac2edae25",
        }
    ],
    "late": 0,
    "undated": 1,
    "others_by_day": [{"day": "2026-03-23", "count": 1}],
    "next_cursor": None,
}


class ClockRead(Shape):
    """A period that runs, of something that you are a party to."""

    id: UUID
    """The id of the clock."""
    subject: str
    """The kind of thing that it is of, as a code: `case`, `verification`, `protection`, `offer` or
    `referral`.
    """
    object_id: UUID
    """The id of that thing."""
    case_id: UUID | None
    """The case of the thing; unset where you may not know it."""
    case_code: str | None
    """The code of that case; unset where you may not know it, or this service does not."""
    code: EntitlementCode | None
    """The support that it is about, as a code; unset where it is about none."""
    started_at: AwareDatetime
    """When the event was that the period begins with, to the minute."""
    due_at: AwareDatetime | None
    """The first moment after the period; unset while no lawful period is known."""
    rule: RuleRead
    """The rule of law that says how long the period is."""
    why: EndRead | None
    """The reason why it ends then: the days counted and left out. Unset where `due_at` is unset,
    and while it stands still.
    """
    paused_at: AwareDatetime | None
    """Since when it stands still; it ends later by the pause."""
    level: ClockLevel | None
    """Who has been told last: `officer` (those who act), `head` (whoever leads them) or
    `department` (whoever owns the case). Unset before the warning.
    """
    level_since: AwareDatetime | None
    """Since when it is with them."""
    level_holder_id: UUID | None
    """The organisation that was found to hold the level; unset where none did."""
    breached_at: AwareDatetime | None
    """When it was found to be late; unset while it is in time."""
    duty: str | None
    """What you must do about it, as a code of the vocabulary `duty`; unset where the next step is
    somebody else's.
    """
    link: str
    """The address at which the thing is read."""


class ClockList(Shape):
    """A page of clocks, with how many there are in all."""

    model_config = shown(_EXAMPLE)

    items: list[ClockRead]
    """The clocks of this page: what is due first stands first, what is undated last."""
    late: int
    """How many there are in all whose last day is over."""
    undated: int
    """How many there are in all that run without an end: no lawful period is known."""
    others_by_day: list[DutyDay]
    """How many of all these end on each day, in order, of those in which the next step is somebody
    else's. What you must do yourself is counted among your duties.
    """
    next_cursor: Cursor


def running_routes(running: Running) -> Router:
    """The route of a service that keeps clocks."""
    routes = Router(tags=["duties"])

    @routes.get(ROUTE, responses=refusals(401, 403, 422))
    def list_clocks(
        *,
        request: Request,
        session: ReadSession,
        caller: Annotated[Subject, Depends(permitted(Permission.CLOCK_READ))],
        now: Now,
        page: PageParamsByCode,
        case_id: Annotated[Id | None, Query(description="Only those of this case.")] = None,
        object_id: Annotated[Id | None, Query(description="Only those of this thing.")] = None,
        last_day: Annotated[Day | None, Query(description="Only what ends on this day.")] = None,
        is_late: Annotated[
            bool | None, Query(description="Only what is late, or only what is not.")
        ] = None,
    ) -> ClockList:
        """List the periods that run in what you are a party to, what is due first.

        Whoever owns a case reads all of its clocks, also where the next step is somebody else's.
        """
        found, counted = find_running(
            session,
            running,
            subject=caller,
            now=now,
            after=None if page.after is None else _place(page.after),
            size=page.reach,
            wanted=RunningWanted(case_id, object_id, last_day, is_late),
        )
        part = page.of(found, lambda row: _written(row.place))
        base = place_of(request).removesuffix(ROUTE)
        days = sorted(counted.others_by_day.items())
        return ClockList(
            items=[_shown(row, base) for row in part.rows],
            late=counted.late,
            undated=counted.undated,
            others_by_day=[DutyDay(day=day, count=count) for day, count in days],
            next_cursor=part.next_cursor,
        )

    return routes


def _shown(row: RunningRow, base: str) -> ClockRead:
    clock = row.clock
    is_dated = clock.due_at is not None and clock.paused_at is None
    facts = {name: getattr(clock, name) for name in _OF_CLOCK}
    # To the minute, as offers and purges are: two that were asked at once could compare the rest.
    facts["started_at"] = minute_of(clock.started_at)
    told = {name: getattr(row, name) for name in ("case_id", "case_code", "code", "duty")}
    return ClockRead.model_validate(
        {
            **facts,
            **told,
            "rule": clock.period,
            "why": clock.end if is_dated else None,
            "link": f"{base}/{row.link}",
        }
    )


_OF_CLOCK = (
    *("id", "subject", "object_id", "started_at", "due_at", "paused_at"),
    *("level", "level_since", "level_holder_id", "breached_at"),
)


def _written(place: RunningPlace) -> str:
    due_at = _UNDATED if place.due_at is None else place.due_at.isoformat()
    return _BETWEEN.join((due_at, str(place.clock_id)))


def _place(cursor: str) -> RunningPlace:
    """The place a cursor names; refuses what no list wrote."""
    try:
        due_at, clock_id = cursor.split(_BETWEEN)
        ended = None if due_at == _UNDATED else datetime.fromisoformat(due_at)
        return RunningPlace(ended, UUID(clock_id))
    except ValueError:
        raise CursorUnknown from None
