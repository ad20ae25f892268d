"""A case, or up to a hundred of them, is handed over: to whom, why, and what became of each."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import organisations_with
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import HandOverReason, Queue, Role
from shared.kit.routing import Router

router = Router(include_in_schema=False)

BETWEEN = " "


class Chosen(Sent):
    """Cases of the list that were ticked: each its id and its code."""

    case: list[str] = Field(default_factory=list)


class HandOver(Chosen):
    """To whom they go, and why."""

    organisation_id: str = ""
    is_mine: str = ""
    reason: str = ""

    def body(self, subject_id: str) -> dict[str, Any]:
        """The same as intake takes it; whoever takes a case on names themselves."""
        named = {"officer_id": subject_id} if self.is_mine else {}
        said = {"organisation_id": self.organisation_id, "reason": self.reason}
        return {**{name: value for name, value in said.items() if value}, **named}


@router.get("/cases/{case_id}/hand-over")
async def show_hand_over(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """To whom one case goes, and why."""
    case = await case_of(visit, case_id)
    chosen = f"{case['id']}{BETWEEN}{case['code']}"
    return await _form_page(visit, [chosen], is_named=case["responsible_id"] is not None)


@router.post("/cases/hand-over", dependencies=[FromHere])
async def choose(form: Annotated[Chosen, Form()], visit: Visiting) -> Response:
    """The same of those that were ticked in the list; of none, the list again."""
    return await _form_page(visit, form.case) if form.case else visit.go("/cases")


@router.post("/cases/hand-overs", dependencies=[FromHere])
async def hand_over(form: Annotated[HandOver, Form()], visit: Visiting) -> Response:
    """Hand over what was chosen; of several, a row says what became of each."""
    codes = dict(each.split(BETWEEN, 1) for each in form.case if BETWEEN in each)
    body = {**form.body(visit.person.subject.id), "case_ids": list(codes)}
    try:
        made = await visit.change("POST", Queue.INTAKE, "/hand-overs", body=body, key=form.key)
    except Problem as problem:
        return await _form_page(visit, form.case, problem, chosen=form)
    return visit.page("handed_over.html", "hand-over-title", rows=made["items"], codes=codes)


@router.post("/cases/{case_id}/release", dependencies=[FromHere])
async def release(case_id: UUID, form: Annotated[HandOver, Form()], visit: Visiting) -> Response:
    """Give a case back to whoever holds its area."""
    path = f"/cases/{case_id}/hand-overs/releases"
    try:
        await visit.change("POST", Queue.INTAKE, path, body={"reason": form.reason}, key=form.key)
    except Problem as problem:
        return await _form_page(visit, form.case, problem, chosen=form, is_named=True)
    return visit.go("/cases")


async def _form_page(
    visit: Visit,
    chosen_cases: Sequence[str],
    problem: Problem | None = None,
    *,
    chosen: HandOver | None = None,
    is_named: bool = False,
) -> HTMLResponse:
    return visit.page(
        "hand_over.html",
        "hand-over-title",
        problem=problem,
        chosen_cases=[(each, *each.split(BETWEEN, 1)) for each in chosen_cases],
        owners=await organisations_with(visit, Role.CASE_OWNER),
        own_id=str(visit.person.subject.organisation_id),
        reasons=list(HandOverReason),
        chosen=chosen or HandOver(),
        is_named=is_named,
    )
