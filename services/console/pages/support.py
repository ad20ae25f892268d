"""What a person is entitled to, what they need, and what is still to be told (pages 15 and 16)."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import Panel, Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

TO_TELL = (
    "poor_household",
    "financial_hardship",
    "vietnamese_citizen",
    "permanent_residence",
    "under_18",
    "granted_in_this_case",
    "window_exception",
    "category",
    "identified",
)
"""What can be told of a case, the commonest first; what may not be told of this one, the API says.
"""


class NeedAdded(Sent):
    """What the person needs, as a code."""

    code: str = ""


class NeedEnded(Sent):
    """Why a need ends, as a code."""

    reason: str = ""


@router.get("/cases/{case_id}/support")
async def show_support(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Entitlements, needs and told facts of a case, each from its own answer."""
    return await _support_page(visit, case_id)


@router.post("/cases/{case_id}/needs", dependencies=[FromHere])
async def add_need(case_id: UUID, form: Annotated[NeedAdded, Form()], visit: Visiting) -> Response:
    """Add a need: a place is sought at once."""
    path = f"/cases/{case_id}/needs"
    try:
        need = await visit.change(
            "POST", Queue.LIVELIHOOD_SUPPORT, path, body=form.said(), key=form.key
        )
    except Problem as problem:
        return await _support_page(visit, case_id, problem, chosen=form.code)
    return visit.go(f"/cases/{case_id}/referrals/{need['referral_id']}", Done.NEED_ADDED)


@router.get("/cases/{case_id}/needs/{need_id}/end")
async def show_ending(case_id: UUID, need_id: UUID, visit: Visiting) -> HTMLResponse:
    """Why a need ends."""
    return await _ending_page(visit, case_id, need_id)


@router.post("/cases/{case_id}/needs/{need_id}/end", dependencies=[FromHere])
async def end_need(
    case_id: UUID, need_id: UUID, form: Annotated[NeedEnded, Form()], visit: Visiting
) -> Response:
    """End a need: its referral is cancelled with it."""
    path = f"/cases/{case_id}/needs/{need_id}/moves"
    body = {"move": "end", **form.said()}
    try:
        await visit.change(
            "POST", Queue.LIVELIHOOD_SUPPORT, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _ending_page(visit, case_id, need_id, problem, chosen=form.reason)
    return visit.go(f"/cases/{case_id}/support", Done.NEED_ENDED)


class Said(Sent):
    """What the person said to a way on."""

    move: str = ""


@router.post("/cases/{case_id}/ways-on/{way_id}", dependencies=[FromHere])
async def settle_way(
    case_id: UUID, way_id: UUID, form: Annotated[Said, Form()], visit: Visiting
) -> Response:
    """Keep it: it is offered no more."""
    path = f"/cases/{case_id}/ways-on/{way_id}/moves"
    try:
        await visit.change(
            "POST",
            Queue.LIVELIHOOD_SUPPORT,
            path,
            body=form.said(),
            key=form.key,
            version=form.version,
        )
    except Problem as problem:
        return await _support_page(visit, case_id, problem)
    return visit.go(f"/cases/{case_id}/support", Done.WAY_SETTLED)


async def _support_page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, *, chosen: str = ""
) -> HTMLResponse:
    path = f"/cases/{case_id}"
    service = Queue.LIVELIHOOD_SUPPORT
    (case, plans, needs, facts), (referrals, provisions, ways) = await gather(
        gather(
            head_of(visit, case_id),
            visit.panel(service, "/plans", case_id=str(case_id)),
            visit.whole_panel(service, f"{path}/needs"),
            visit.whole_panel(service, f"{path}/facts"),
        ),
        gather(
            visit.whole_panel(service, "/referrals", case_id=str(case_id)),
            visit.whole_panel(service, f"{path}/provisions"),
            visit.panel(service, f"{path}/ways-on"),
        ),
    )
    given = provisions.told or {"items": (), "received": ()}
    plan = plans.told["items"][0] if plans.told and plans.told["items"] else None
    return case_page(
        visit,
        "support.html",
        case,
        problem=problem,
        case_id=case_id,
        plans=plans,
        plan=plan,
        needs=needs,
        facts=facts,
        provisions=provisions,
        ways=ways,
        received={each["code"]: each for each in given["received"]},
        givers=await names_of(visit, (each["organisation_id"] for each in given["items"])),
        standing={each["id"]: each for each in _items(referrals)},
        counting=[each for each in _items(facts) if not each["ended_at"] and not each["reason"]],
        facts_to_tell=TO_TELL,
        sought={it["code"]: it["referral_id"] for it in _items(needs) if not it["ended_at"]},
        to_add=_to_add(needs),
        chosen=chosen,
    )


def _items(panel: Panel) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = panel.told["items"] if panel.told else ()
    return found


def _to_add(needs: Panel) -> Sequence[str]:
    """The codes that are granted and not sought already."""
    sought = {each["code"] for each in _items(needs) if not each["ended_at"]}
    granted: Sequence[str] = needs.told["granted"] if needs.told else ()
    return [code for code in granted if code not in sought]


async def _ending_page(
    visit: Visit,
    case_id: UUID,
    need_id: UUID,
    problem: Problem | None = None,
    *,
    chosen: str = "",
) -> HTMLResponse:
    need = await visit.read(Queue.LIVELIHOOD_SUPPORT, f"/cases/{case_id}/needs/{need_id}")
    referral = await visit.read(Queue.LIVELIHOOD_SUPPORT, f"/referrals/{need['referral_id']}")
    cancels = [each for each in referral["can"] if each["move"] == "cancel"]
    return case_page(
        visit,
        "need_end.html",
        await head_of(visit, case_id),
        problem=problem,
        case_id=case_id,
        need=need,
        reasons=cancels[0]["reasons"] if cancels else (),
        chosen=chosen,
    )
