"""How far the second target of the city's plan is met."""

from typing import Annotated

from fastapi import Depends

from services.verification import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["targets"])


@router.get("/targets", responses=refusals(401, 403, 422))
def read_targets(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.TARGET_READ))],
    page: PageParams,
    now: Now,
) -> schemas.TargetsRead:
    """Read whether everybody in need is protected, and each request that keeps somebody from it.

    It is the second target of the city's plan (T2); the first is intake's to tell, which has every
    received case. An exception says since when, and who must act.
    """
    counted = domain.find_protecting(session, subject=caller, now=now)
    found = domain.find_unprotected(
        session, subject=caller, now=now, after=page.after, size=page.reach
    )
    shown = page.of(found, lambda it: it.protection_id)
    return schemas.TargetsRead(
        in_need=counted.in_need,
        protected=counted.protected,
        excepted=counted.excepted,
        items=[schemas.UnprotectedRead.model_validate(each) for each in shown.rows],
        next_cursor=shown.next_cursor,
    )
