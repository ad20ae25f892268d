"""Routes about facts: what a case owner tells of a case, and what follows from it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from services.livelihood_support.policy import ToldFact, read_value
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.documents import row_of
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["facts"])

CaseId = Annotated[Id, Path(description="The id of the case that the facts are about.")]


@router.post(
    "/cases/{case_id}/facts",
    status_code=201,
    response_model=schemas.FactAnswer,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def tell_fact(
    *,
    case_id: CaseId,
    body: schemas.FactCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.FACT_TELL))],
) -> JSONResponse:
    """Tell a fact about a case, with the paper it rests on. Told again, it is corrected.

    Only the organisation that owns the case today tells and withdraws facts.

    The entitlements are computed anew: the answer says which are others now. What is newly granted
    and was asked for is referred at once; what is referred and granted no longer goes on, under an
    alert. A fact that is told before the case has a plan is used when the plan opens.
    """
    stated = domain.FactStated(body.fact, body.value, body.evidence_ref, body.holds_from)
    return once.answer(_keep(case_id, stated, caller))


@router.post(
    "/cases/{case_id}/fact-withdrawals",
    status_code=201,
    response_model=schemas.FactAnswer,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def withdraw_fact(
    *,
    case_id: CaseId,
    body: schemas.FactWithdrawal,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.FACT_TELL))],
) -> JSONResponse:
    """Withdraw a fact: from now on nobody knows it, and the entitlements are computed anew.

    What was told stays in the history. A fact that was told wrongly is better told again.
    """
    stated = domain.FactStated(body.fact, None, body.evidence_ref, reason=body.reason)
    return once.answer(_keep(case_id, stated, caller))


@router.get("/cases/{case_id}/facts", responses=refusals(401, 403, 404, 422))
def list_facts(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.FACT_READ))],
    now: Now,
    page: PageParams,
    fact: Annotated[ToldFact | None, Query(description="Only rows about this fact.")] = None,
) -> schemas.FactList:
    """List what was told of a case, oldest first: corrections and withdrawals included."""
    found = domain.find_facts(
        read.session,
        case_id=case_id,
        subject=caller,
        now=now,
        fact=fact,
        after=page.after,
        size=page.reach,
    )
    read.shows(case_id)
    shown = page.of(found, key=lambda view: view.row.id)
    return schemas.FactList(
        items=[_read(each) for each in shown.rows],
        may_change=domain.may_change(read.session, case_id, caller, Permission.FACT_READ, now),
        next_cursor=shown.next_cursor,
    )


def _keep(
    case_id: UUID,
    stated: domain.FactStated,
    caller: Subject,
) -> Callable[[Session, datetime], Answer]:
    """What a request about a fact does, and its answer."""

    def act(session: Session, now: datetime) -> Answer:
        kept = domain.tell_fact(session, case_id=case_id, stated=stated, subject=caller, now=now)
        told = schemas.FactAnswer(
            fact=_read(domain.FactView(kept.fact, None)),
            plan_id=kept.revised.plan_id,
            revision=kept.revised.revision,
            changes=[schemas.ChangeRead.model_validate(it) for it in kept.revised.changes],
            referred=list(kept.revised.referred),
        )
        return Answer(201, told.model_dump(mode="json"))

    return act


def _read(view: domain.FactView) -> schemas.FactRead:
    row = view.row
    columns = row_of(row)
    kept = {name: columns[name] for name in schemas.FactRead.model_fields if name in columns}
    value = None if row.value is None else read_value(ToldFact(row.fact), row.value)
    return schemas.FactRead.model_validate({**kept, "value": value, "ended_at": view.ended_at})
