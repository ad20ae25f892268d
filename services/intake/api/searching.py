"""Looking a case up by what somebody says of a person."""

from typing import Annotated

from fastapi import Depends, Request

from services.intake import domain, schemas
from services.intake.api.edge import Keys
from services.intake.errors import SearchedTooOften
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Edge, Now, edge_of
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["cases"])


@router.post("/cases/searches", responses=refusals(400, 401, 403, 422, 429))
def search_cases(
    *,
    body: schemas.CaseSearch,
    request: Request,
    edge: Annotated[Edge, Depends(edge_of)],
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_SEARCH))],
    keys: Keys,
    now: Now,
) -> schemas.CasesFound:
    """Look a case up by a phone, an identity number or your own reference of it.

    Among the cases that you reach, and with what it is for: each search is an entry of the audit.
    It is sent, not put into an address, because addresses are kept in many places. A name cannot
    be looked up. By a reference only its sender finds a case, and only one stored since November
    2026. Within an hour a person makes 30 searches, and a system 300; then it is 429 until the hour
    is over.
    """
    search = domain.Search(caller, body.field, body.value, body.purpose)
    tally = request.app.state.tally
    with edge.begin() as session:
        found = domain.search_cases(session, search, keys=keys, tally=tally, now=now)
    if isinstance(found, SearchedTooOften):
        raise found
    items = [schemas.CaseSummary.model_validate(each) for each in found.cases]
    return schemas.CasesFound(items=items, is_more=found.is_more)
