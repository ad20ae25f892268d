"""Routes about plans: what the person is entitled to, and why."""

from typing import Annotated

from fastapi import Depends, Query

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import NotedRead, Now
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["plans"])


@router.get("/plans", responses=refusals(401, 403, 422))
def list_plans(
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PLAN_READ))],
    now: Now,
    case_id: Annotated[Id, Query(description="The case whose plan is asked for.")],
) -> schemas.PlanList:
    """Read the plan of a case: for every code the answer, its reason and the text behind it."""
    found = domain.find_plans(read.session, case_id=case_id, subject=caller, now=now)
    read.lists(found, of=case_id)
    return schemas.PlanList(items=[schemas.PlanRead.model_validate(each) for each in found])
