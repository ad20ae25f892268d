"""The story of a case, and who was let see whom."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.intake import domain, schemas
from services.intake.api.edge import CaseId
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.http import NotedRead, Now, ReadSession
from shared.kit.pages import CursorUnknown, PageParamsByCode
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router()

_BETWEEN = " "


@router.get("/cases/{case_id}/timeline", tags=["cases"], responses=refusals(401, 403, 404, 422))
def read_timeline(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_READ))],
    page: PageParamsByCode,
    now: Now,
    is_main: Annotated[
        bool,
        Query(
            alias="main",
            description="Only the main events: without readings, corrections and steps between.",
        ),
    ] = False,
) -> schemas.Timeline:
    """Read what happened in a case, newest first: what others told, and what was done here.

    The organisation that submitted the case reads of it what was told, what the person agreed to
    and what was corrected, and of a referral which kind of need it is for.
    """
    found = domain.find_timeline(
        read.session,
        case_id=case_id,
        subject=caller,
        on=local_date(now),
        is_main=is_main,
        after=None if page.after is None else _moment(page.after),
        size=page.reach,
    )
    shown = page.of(found, lambda event: _written(*vars(event.moment).values()))
    read.shows(case_id)
    items = [schemas.EventRead.model_validate(each) for each in shown.rows]
    return schemas.Timeline(items=items, next_cursor=shown.next_cursor)


@router.get(
    "/cases/{case_id}/disclosures", tags=["disclosures"], responses=refusals(401, 403, 404, 422)
)
def list_disclosures(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.DISCLOSURE_READ))],
    page: PageParamsByCode,
    now: Now,
) -> schemas.DisclosedList:
    """List who asked to see who the person is, newest first: by consent and by law."""
    found = domain.find_disclosures(
        read.session,
        case_id=case_id,
        subject=caller,
        on=local_date(now),
        after=None if page.after is None else _last(page.after),
        size=page.reach,
    )
    shown = page.of(found, lambda row: _written(row.at, row.id))
    read.shows(case_id)
    items = [schemas.DisclosedRead.model_validate(each) for each in shown.rows]
    return schemas.DisclosedList(items=items, next_cursor=shown.next_cursor)


@router.get("/reveals", tags=["disclosures"], responses=refusals(401, 403, 422))
def list_reveals(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.REVEAL_READ))],
    page: PageParamsByCode,
) -> schemas.RevealList:
    """List when you have opened who a person is, newest first; never who it was."""
    found = domain.find_reveals(
        session,
        subject=caller,
        after=None if page.after is None else _last(page.after),
        size=page.reach,
    )
    shown = page.of(found, lambda row: _written(row.at, row.id))
    items = [schemas.RevealRead.model_validate(each) for each in shown.rows]
    return schemas.RevealList(items=items, next_cursor=shown.next_cursor)


def _written(at: datetime, *rest: object) -> str:
    return _BETWEEN.join((at.isoformat(), *map(str, rest)))


def _moment(cursor: str) -> domain.Moment:
    """The place in the story that a cursor names; refuses what no list wrote."""
    try:
        at, kind, source_id = cursor.split(_BETWEEN)
        return domain.Moment(datetime.fromisoformat(at), kind, UUID(source_id))
    except ValueError:
        raise CursorUnknown from None


def _last(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, last = cursor.split(_BETWEEN)
        return datetime.fromisoformat(at), UUID(last)
    except ValueError:
        raise CursorUnknown from None
