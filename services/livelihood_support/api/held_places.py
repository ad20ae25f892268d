"""Routes of the places that are held for people whose handover was announced."""

from datetime import datetime
from operator import attrgetter
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import NotedRead, Now, OnceOnly, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["facilities"])


@router.get("/held-places", responses=refusals(401, 403, 422))
def list_held_places(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_READ))],
    now: Now,
    page: PageParams,
    notice_id: Annotated[
        Id | None, Query(description="Only those of this notice, also when nobody is to come.")
    ] = None,
) -> schemas.HandoverList:
    """List the handovers for which places are held, who is to come, and what is lacking for them.

    A facility reads those it holds places for; whoever owns cases those of their place.
    """
    found = domain.find_handovers(
        read.session,
        subject=caller,
        now=now,
        notice_id=notice_id,
        after=page.after,
        size=page.reach,
    )
    rows = page.of(found, attrgetter("notice_id"))
    read.lists(rows.rows, of=notice_id)
    shown = domain.show_handovers(read.session, rows.rows, now=now)
    return schemas.HandoverList(items=[_read(each) for each in shown], next_cursor=rows.next_cursor)


@router.post(
    "/held-places/{notice_id}/answer",
    status_code=201,
    response_model=schemas.HandoverRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def answer_handover(
    *,
    notice_id: Annotated[Id, Path(description="The id of the notice.")],
    body: schemas.HandoverAnswer,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.FACILITY_TELL))],
    request: Request,
) -> JSONResponse:
    """Say how many people of your facility go with whoever is escorted; the last answer counts.

    A handover on another day, or at another facility, is answered anew.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.answer_handover(session, notice_id, body.escorts, subject=caller, now=now)
        session.flush()
        (view,) = domain.show_handovers(session, [made], now=now)
        told = _read(view).model_dump(mode="json")
        return Answer(201, told, {"Location": place_of(request)})

    return once.answer(act)


def _read(view: domain.HandoverView) -> schemas.HandoverRead:
    return schemas.HandoverRead.model_validate(
        {
            **{name: getattr(view.handover, name) for name in schemas.OF_HANDOVER},
            "people": [schemas.HeldPlaceRead.model_validate(each) for each in view.people],
            "escorts_needed": view.escorts_needed,
            "lacking": list(view.lacking),
        }
    )
