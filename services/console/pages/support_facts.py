"""A fact that an entitlement hangs on: telling it with its paper, and taking it back."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import PersonCategory, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

TRUTH = {"true": True, "false": False}
CATEGORY, IDENTIFIED = "category", "identified"
REASONS = ("told_in_error", "holds_no_longer", "evidence_withdrawn")


class Told(Sent):
    """What is so, by which paper, and since when."""

    value: str = ""
    evidence_ref: str = ""
    holds_from: str = ""

    def body(self, fact: str) -> dict[str, Any]:
        """What the API is told."""
        said = {"fact": fact, **self.said()}
        if self.holds_from:
            said["holds_from"] = iso_day(self.holds_from)
        if self.value in TRUTH:
            said["value"] = TRUTH[self.value]
        return said


class TakenBack(Sent):
    """Why a fact counts no longer, and by which paper if there is one."""

    reason: str = ""
    evidence_ref: str = ""


@router.get("/cases/{case_id}/facts/{fact}")
async def show_fact(case_id: UUID, fact: str, visit: Visiting) -> HTMLResponse:
    """One fact to tell."""
    return await _fact_page(visit, case_id, fact, Told())


@router.post("/cases/{case_id}/facts/{fact}", dependencies=[FromHere])
async def tell_fact(
    case_id: UUID, fact: str, form: Annotated[Told, Form()], visit: Visiting
) -> Response:
    """Tell it: the entitlements are computed anew."""
    path = f"/cases/{case_id}/facts"
    try:
        await visit.change(
            "POST", Queue.LIVELIHOOD_SUPPORT, path, body=form.body(fact), key=form.key
        )
    except Problem as problem:
        return await _fact_page(visit, case_id, fact, form, problem)
    return visit.go(f"/cases/{case_id}/support", Done.FACT_TOLD)


@router.get("/cases/{case_id}/facts/{fact}/withdrawal")
async def show_withdrawal(case_id: UUID, fact: str, visit: Visiting) -> HTMLResponse:
    """Why a fact that was told counts no longer."""
    return await _withdrawal_page(visit, case_id, fact, TakenBack())


@router.post("/cases/{case_id}/facts/{fact}/withdrawal", dependencies=[FromHere])
async def withdraw_fact(
    case_id: UUID, fact: str, form: Annotated[TakenBack, Form()], visit: Visiting
) -> Response:
    """Take it back: nobody knows it from now on."""
    path = f"/cases/{case_id}/fact-withdrawals"
    body = {"fact": fact, **form.said()}
    try:
        await visit.change("POST", Queue.LIVELIHOOD_SUPPORT, path, body=body, key=form.key)
    except Problem as problem:
        return await _withdrawal_page(visit, case_id, fact, form, problem)
    return visit.go(f"/cases/{case_id}/support", Done.FACT_TAKEN_BACK)


async def _fact_page(
    visit: Visit, case_id: UUID, fact: str, form: Told, problem: Problem | None = None
) -> HTMLResponse:
    told = await _told(visit, case_id, fact)
    return case_page(
        visit,
        "fact.html",
        await head_of(visit, case_id),
        problem=problem,
        case_id=case_id,
        fact=fact,
        told=told,
        sent=form,
        categories=list(PersonCategory),
    )


async def _withdrawal_page(
    visit: Visit, case_id: UUID, fact: str, form: TakenBack, problem: Problem | None = None
) -> HTMLResponse:
    return case_page(
        visit,
        "fact_withdrawal.html",
        await head_of(visit, case_id),
        problem=problem,
        case_id=case_id,
        fact=fact,
        told=await _told(visit, case_id, fact),
        sent=form,
        reasons=REASONS,
    )


async def _told(visit: Visit, case_id: UUID, fact: str) -> Sequence[Any]:
    """What was told of a fact so far, newest first; what is no fact is refused by the API."""
    found = await visit.whole(Queue.LIVELIHOOD_SUPPORT, f"/cases/{case_id}/facts", fact=fact)
    return list(reversed(found["items"]))
