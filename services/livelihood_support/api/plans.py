"""Routes about plans: what the person is entitled to, and why."""

from typing import Annotated

from fastapi import Query

from services.livelihood_support import domain, schemas
from services.livelihood_support.api.callers import CaseOwner
from shared.kit.http import ReadSession
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id

router = Router(tags=["plans"])


@router.get("/plans", responses=refusals(401, 403, 422))
def list_plans(
    session: ReadSession,
    _caller: CaseOwner,
    case_id: Annotated[Id, Query(description="The case whose plan is asked for.")],
) -> schemas.PlanList:
    """Read the plan of a case: for every code the answer, its reason and the text behind it."""
    found = domain.find_plans(session, case_id=case_id)
    return schemas.PlanList(items=[schemas.PlanRead.model_validate(each) for each in found])
