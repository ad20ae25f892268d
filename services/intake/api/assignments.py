"""Which facility shelters a person, and who protects them: the owner of the case says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import CaseId
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["assignments"])

ASSIGNMENTS = "/intake/v1/assignments"
AssignmentId = Annotated[Id, Path(description="The id of the assignment.")]


@router.post(
    "/cases/{case_id}/assignments",
    status_code=201,
    response_model=schemas.AssignmentRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def assign_organisation(
    *,
    case_id: CaseId,
    body: schemas.AssignmentCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_ASSIGN))],
) -> JSONResponse:
    """Give a facility or a protector a part in your case: from then on it opens the file."""

    def act(session: Session, now: datetime) -> Answer:
        facts = domain.AssignmentFacts(
            organisation_id=body.organisation_id,
            role=body.role,
            reason=body.reason,
            valid_from=body.valid_from or local_date(now),
            valid_to=body.valid_to,
        )
        made = domain.assign(
            session,
            case_id=case_id,
            subject=caller,
            facts=facts,
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.AssignmentRead.model_validate(made))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/assignments/{assignment_id}/end",
    status_code=201,
    response_model=schemas.AssignmentRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def end_assignment(
    *,
    case_id: CaseId,
    assignment_id: AssignmentId,
    body: schemas.AssignmentEnd,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_ASSIGN))],
) -> JSONResponse:
    """End a part in your case at once: its organisation opens the file no more."""

    def act(session: Session, now: datetime) -> Answer:
        ended = domain.end_assignment(
            session,
            case_id=case_id,
            assignment_id=assignment_id,
            subject=caller,
            reason=body.reason,
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.AssignmentRead.model_validate(ended))

    return once.answer(act)


@router.get("/assignments", responses=refusals(401, 403, 404, 422))
def list_assignments(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.ASSIGNMENT_READ))],
    page: PageParams,
    now: Now,
    case_id: Annotated[Id | None, Query(description="Only those of this case.")] = None,
    is_held: Annotated[
        bool | None, Query(description="Only those that are held today, or only the others.")
    ] = None,
) -> schemas.AssignmentList:
    """List parts in cases, oldest first: an organisation reads its own.

    The owner of a case reads all parts in it, and names it by `case_id`.
    """
    found = domain.find_assignments(
        read.session,
        subject=caller,
        case_id=case_id,
        is_held=is_held,
        on=local_date(now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=case_id)
    items = [schemas.AssignmentRead.model_validate(each) for each in shown.rows]
    return schemas.AssignmentList(items=items, next_cursor=shown.next_cursor)


def _answer(case_id: UUID, made: schemas.AssignmentRead) -> Answer:
    """The assignment; it is read in the list of those of its case."""
    where = {"Location": f"{ASSIGNMENTS}?case_id={case_id}"}
    return Answer(201, made.model_dump(mode="json"), where)
