"""How far the targets of the city's plan are met."""

from typing import Annotated

from fastapi import Depends

from services.intake import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["targets"])


@router.get("/targets/entering-verification", responses=refusals(401, 403, 422))
def read_entering_verification(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.TARGET_READ))],
    page: PageParams,
    now: Now,
) -> schemas.EnteringVerification:
    """Read whether every received case has entered verification, and each one that has not.

    It is the first target of the city's plan (T1). An exception says since when, and who must act.
    """
    counted = domain.find_entering(session, subject=caller, now=now)
    found = domain.find_unverified(
        session, subject=caller, now=now, after=page.after, size=page.reach
    )
    shown = page.of(found, lambda it: it.case_id)
    return schemas.EnteringVerification(
        received=counted.received,
        entered=counted.entered,
        on_their_way=counted.on_their_way,
        excepted=counted.excepted,
        items=[schemas.UnverifiedRead.model_validate(each) for each in shown.rows],
        next_cursor=shown.next_cursor,
    )
