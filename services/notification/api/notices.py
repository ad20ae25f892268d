"""The inbox of an organisation over HTTP: notices, and who has read them."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.api.edge import CHANGING
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router()

NoticeId = Annotated[Id, Path(description="The id of the notice.")]


@router.get("/notices", tags=["notices"], responses=refusals(401, 403, 422))
def list_notices(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.NOTICE_READ))],
    now: Now,
    page: PageParams,
    is_unread: Annotated[bool, Query(description="Only what you have not read.")] = False,
) -> schemas.NoticeList:
    """List what your organisation was told and your roles act on, the newest first.

    A manager sees what presses as well, to have somebody read it.
    """
    found = domain.find_notices(
        session,
        subject=caller,
        now=now,
        after=page.after,
        size=page.reach,
        is_unread=is_unread,
    )
    part = page.of(found)
    return schemas.NoticeList(
        items=[schemas.NoticeRead.model_validate(each) for each in part.rows],
        unread=domain.count_unread(session, subject=caller, now=now),
        next_cursor=part.next_cursor,
    )


@router.post(
    "/notices/readings",
    tags=["notices"],
    status_code=201,
    response_model=schemas.UnreadCount,
    responses=CHANGING,
)
def read_notices(
    body: schemas.ReadingCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.NOTICE_READ))],
) -> JSONResponse:
    """Say that you have read a notice and all that were told before it; later ones stay unread."""

    def act(session: Session, now: datetime) -> Answer:
        domain.read_notices(session, up_to=body.up_to, subject=caller, now=now)
        left = domain.count_unread(session, subject=caller, now=now)
        return Answer(201, schemas.UnreadCount(unread=left).model_dump(mode="json"))

    return once.answer(act)


@router.post(
    "/notices/{notice_id}/readings",
    tags=["notices"],
    status_code=201,
    response_model=schemas.NoticeRead,
    responses=CHANGING,
)
def read_notice(
    notice_id: NoticeId,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.NOTICE_READ))],
) -> JSONResponse:
    """Say that you have read a notice. Read again, the first time stands.

    Of what presses, the first reading is told to whoever keeps the clock: nobody has to be sought
    any more.
    """

    def act(session: Session, now: datetime) -> Answer:
        found = domain.read_notice(session, notice_id=notice_id, subject=caller, now=now)
        read = schemas.NoticeRead.model_validate(found)
        return Answer(201, read.model_dump(mode="json"))

    return once.answer(act)
