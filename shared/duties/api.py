"""What the caller must do, over HTTP, the same in every service."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import AgeBand, EntitlementCode, Sex
from shared.duties.reading import Duties, DutyRow, Place, Wanted, find_duties
from shared.duties.urgency import Urgency
from shared.kit.http import Now, ReadSession, place_of
from shared.kit.pages import CursorUnknown, Page, PageParamsByCode
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Day, Id, Shape, shown
from shared.kit.subjects import Subject
from shared.law.shapes import EndRead, RuleRead

ROUTE = "/duties"
_BETWEEN = " "


_EXAMPLE = {
    "items": [
        {
            "what": "operator_alert",
            "case_id": None,
            "case_code": None,
            "age_band": None,
            "sex": None,
            "area_code": None,
            "area_on": None,
            "code": None,
            "subject": "alert",
            "object_id": "019cac91-ba76-7c9a-9da7-bf8ac2edae25",
            "since": "2026-03-03T01:16:00Z",
            "due_at": None,
            "rule": None,
            "why": None,
            "link": "/intake/v1/alerts",
            "urgency": "undated",
            "is_waiting": False,
            "cursor": "6iQoVy3cFzEtIG5vdyAyMDI2LTAzLTAzVDAxOjE2OjAwKzAwOjAw",
        }
    ],
    "counts": {"overdue": 0, "today": 0, "this_week": 0, "later": 0, "undated": 1, "waiting": 0},
    "days": [],
    "next_cursor": None,
}


class DutyRead(Shape):
    """Something that you must do, computed from what stands open; it ends by doing it."""

    what: str
    """What to do, as a code of the vocabulary `duty`."""
    case_id: UUID | None
    """The case that it is done for; unset if it is done for none."""
    case_code: str | None
    """The code of that case; unset where you may not know it, or this service does not."""
    age_band: AgeBand | None
    """How old the person is, as a band; unset where this service does not know it."""
    sex: Sex | None
    """The sex of the person; unset where this service does not know it."""
    area_code: str | None
    """The unit where the case is; unset where this service does not know it."""
    area_on: date | None
    """The day by which the code of the unit is read."""
    code: EntitlementCode | None
    """The support that it is about, as a code; unset where it is about none."""
    subject: str
    """The kind of thing that waits, as a code: `verification`, `case`, `referral`, `offer`,
    `assignment`, `draft`, `plan`, `programme`, `account`, `endpoint` or `alert`.
    """
    object_id: UUID
    """The id of the thing that waits."""
    since: AwareDatetime
    """Since when it waits."""
    due_at: AwareDatetime | None
    """The first moment at which it is late; unset where no rule of law gives a date."""
    rule: RuleRead | None
    """The rule of law that says when it is due; unset where there is none. If its `amount` is
    unset, no lawful period is known, and so `due_at` is unset.
    """
    why: EndRead | None
    """The reason why it is due then: the days counted and left out. Set with `due_at`."""
    link: str
    """The address at which the thing is read."""
    urgency: Urgency
    """How much it presses today."""
    is_waiting: bool
    """Whether the next step is somebody else's, or takes its time: you look after it."""
    cursor: str
    """The `cursor` with which the list goes on after this duty: whoever reads the lists of several
    services as one needs it.
    """


class DutyCounts(Shape):
    """How many duties you have in this service, by urgency."""

    overdue: int
    """Their last day is over."""
    today: int
    """Today is their last day."""
    this_week: int
    """Their last day comes by the Sunday of this week."""
    later: int
    """Their last day comes later."""
    undated: int
    """No rule of law gives them a date."""
    waiting: int
    """How many of all these wait for somebody else, or take their time."""


class DutyDay(Shape):
    """How many duties end on a day."""

    day: date
    """The last day on which they are in time."""
    count: int
    """How many there are."""


class DutyList(Shape):
    """A page of duties, with how many there are in all."""

    model_config = shown(_EXAMPLE)

    items: list[DutyRead]
    """The duties of this page: what is late first, then what is due first, then what is undated;
    among equals, what is yours to do before what waits for somebody else, and what waits longest.
    """
    counts: DutyCounts
    """How many there are in all, whatever is left out of the list."""
    days: list[DutyDay]
    """How many of them end on each day, in order; what has no date is on none."""
    next_cursor: Cursor


def duties_routes(duties: Duties) -> Router:
    """The route of a service with these duties."""
    routes = Router(tags=["duties"])

    @routes.get(ROUTE, responses=refusals(401, 403, 422))
    def list_duties(
        *,
        request: Request,
        session: ReadSession,
        caller: Annotated[Subject, Depends(permitted(Permission.DUTY_READ))],
        now: Now,
        page: PageParamsByCode,
        object_id: Annotated[
            Id | None, Query(description="Only what you must do with this thing.")
        ] = None,
        urgency: Annotated[
            Urgency | None, Query(description="Only what presses so much today.")
        ] = None,
        last_day: Annotated[Day | None, Query(description="Only what ends on this day.")] = None,
        is_waiting: Annotated[
            bool | None,
            Query(description="Only what waits for somebody else, or only what does not."),
        ] = None,
    ) -> DutyList:
        """List what you must do in this service, what presses most first.

        Nobody types a duty and nobody ticks it off: it is there while the thing stands open.
        """
        found, counted = find_duties(
            session,
            duties,
            subject=caller,
            now=now,
            after=None if page.after is None else _place(page.after),
            size=page.reach,
            wanted=Wanted(object_id, urgency, last_day, is_waiting),
        )
        part = page.of(found, lambda row: _written(row.place))
        base = place_of(request).removesuffix(ROUTE)
        return DutyList(
            items=[_shown(row, base, page) for row in part.rows],
            counts=DutyCounts(
                waiting=counted.waiting,
                **{str(each): count for each, count in counted.by_urgency.items()},
            ),
            days=[DutyDay(day=day, count=count) for day, count in sorted(counted.by_day.items())],
            next_cursor=part.next_cursor,
        )

    return routes


def _shown(row: DutyRow, base: str, page: Page[str]) -> DutyRead:
    cursor = page.cursor_after(_written(row.place))
    return DutyRead.model_validate({**vars(row), "link": f"{base}/{row.link}", "cursor": cursor})


_UNDATED = "-"
_WAITS, _WAITS_NOT = "waits", "now"


def _written(place: Place) -> str:
    due_at = _UNDATED if place.due_at is None else place.due_at.isoformat()
    waits = _WAITS if place.is_waiting else _WAITS_NOT
    written = (due_at, waits, place.since.isoformat(), str(place.object_id), place.what)
    return _BETWEEN.join(written)


def _place(cursor: str) -> Place:
    """The place a cursor names; refuses what no list wrote."""
    try:
        due_at, waits, since, object_id, what = cursor.split(_BETWEEN)
        return Place(
            None if due_at == _UNDATED else datetime.fromisoformat(due_at),
            {_WAITS: True, _WAITS_NOT: False}[waits],
            datetime.fromisoformat(since),
            UUID(object_id),
            what,
        )
    except (KeyError, ValueError):
        raise CursorUnknown from None
