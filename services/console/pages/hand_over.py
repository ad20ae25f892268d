"""A case, or up to a hundred of them, is handed over: to whom, why, and what became of each.

It is handed over as it was read: of two officers the slower is shown what stood when the form was
opened, and what stands now, and keeps what was filled in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of, officers_of, organisations_with
from services.console.pages.visit import CHANGED, Visit, Visiting
from shared.contracts.vocabulary import HandOverReason, Queue, Role
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HANDED = "hand_over"
"""A case is owned by whom it was handed to."""
BETWEEN = " "
_TICKED = re.compile(rf"([0-9a-f-]{{36}}){BETWEEN}(\d{{1,9}}){BETWEEN}([\w-]*)", re.ASCII)
FIELD_OF = {
    "case-owner-unfit": "organisation_id",
    "officer-unfit": "officer_id",
    "already-responsible": "officer_id",
}
"""The field that a refusal is about which the API says of the whole."""


@dataclass(frozen=True)
class Ticked:
    """A case that was chosen, as it was read."""

    id: str
    version: int
    code: str

    @classmethod
    def of(cls, case: Mapping[str, Any]) -> Self:
        """As intake tells it."""
        return cls(case["id"], case["version"], case["code"])

    @classmethod
    def read(cls, written: str) -> Self | None:
        """What a form says of one; nothing for what is none."""
        found = _TICKED.fullmatch(written)
        return cls(found[1], int(found[2]), found[3]) if found else None

    def written(self) -> str:
        """The same in a form."""
        return BETWEEN.join((self.id, str(self.version), self.code))


class Chosen(Sent):
    """Cases of the list that were ticked."""

    case: list[str] = Field(default_factory=list)

    def ticked(self) -> list[Ticked]:
        """As they were read."""
        return [each for each in map(Ticked.read, self.case) if each is not None]


class HandOver(Chosen):
    """To whom they go, and why."""

    organisation_id: str = ""
    officer_id: str = ""
    reason: str = ""

    def facts(self) -> dict[str, Any]:
        """The same as intake takes it."""
        names = ("organisation_id", "officer_id", "reason")
        return {name: value for name, value in self.said().items() if name in names}


@router.get("/cases/{case_id}/hand-over")
async def show_hand_over(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """To whom one case goes, and why."""
    return await _form_page(visit, [Ticked.of(await case_of(visit, case_id))])


@router.post("/cases/hand-over", dependencies=[FromHere])
async def choose(form: Annotated[Chosen, Form()], visit: Visiting) -> Response:
    """The same of those that were ticked in the list; of none, the list again."""
    ticked = form.ticked()
    return await _form_page(visit, ticked) if ticked else visit.go("/cases")


@router.post("/cases/hand-overs", dependencies=[FromHere])
async def hand_over(form: Annotated[HandOver, Form()], visit: Visiting) -> Response:
    """Hand over what was chosen; a row says what became of each."""
    ticked = form.ticked()
    try:
        rows = await _handed(visit, form, ticked)
    except Problem as problem:
        return await _form_page(visit, ticked, problem, sent=form)
    codes = {each.id: each.code for each in ticked}
    return visit.page("handed_over.html", "hand-over-title", rows=rows, codes=codes)


@router.post("/cases/{case_id}/release", dependencies=[FromHere])
async def release(case_id: UUID, form: Annotated[HandOver, Form()], visit: Visiting) -> Response:
    """Give a case back to whoever holds its area."""
    ticked = form.ticked()[:1]
    how = {"key": form.key, "version": ticked[0].version if ticked else None}
    path = f"/cases/{case_id}/hand-overs/releases"
    try:
        await visit.change("POST", Queue.INTAKE, path, body={"reason": form.reason}, **how)
    except Problem as problem:
        return await _form_page(visit, ticked, problem, sent=form)
    return visit.go("/cases", Done.CASE_RELEASED)


async def _handed(visit: Visit, form: HandOver, ticked: Sequence[Ticked]) -> Any:
    """What became of each; one alone is refused as a whole, so that its form can say why."""
    if len(ticked) != 1:
        cases = [{"id": each.id, "version": each.version} for each in ticked]
        body = {**form.facts(), "cases": cases}
        made = await visit.change("POST", Queue.INTAKE, "/hand-overs", body=body, key=form.key)
        return made["items"]
    path = f"/cases/{ticked[0].id}/hand-overs"
    how = {"key": form.key, "version": ticked[0].version}
    await visit.change("POST", Queue.INTAKE, path, body=form.facts(), **how)
    return [{"case_id": ticked[0].id, "outcome": "done", "problem": None}]


async def _form_page(
    visit: Visit,
    ticked: Sequence[Ticked],
    problem: Problem | None = None,
    *,
    sent: HandOver | None = None,
) -> HTMLResponse:
    path = f"/cases/{ticked[0].id}/responsibility" if len(ticked) == 1 else ""
    stands = await visit.read(Queue.INTAKE, path) if path else None
    officers = await officers_of(visit)
    is_late = problem is not None and problem.status == CHANGED
    return visit.page(
        "hand_over.html",
        "hand-over-title",
        problem=problem,
        field=FIELD_OF.get(problem.code) if problem else None,
        chosen_cases=[_as_stands(each, stands) for each in ticked],
        owners=await organisations_with(visit, Role.CASE_OWNER),
        officers=officers,
        own_id=str(visit.person.subject.organisation_id),
        me=visit.person.subject.id,
        reasons=list(HandOverReason),
        chosen=sent or HandOver(officer_id=(stands and stands["officer_id"]) or ""),
        ended=await _ended(visit, stands),
        gone_at=stands and stands["officer_gone_at"],
        is_named=stands is not None and stands["responsible_id"] is not None,
        late=await _late(visit, stands, ticked[0].version) if stands and is_late else None,
        names_of_officers=dict(officers),
    )


async def _ended(visit: Visit, stands: Mapping[str, Any] | None) -> str | None:
    """What the organisation is called that is named and may own no case any more."""
    if stands is None or stands["owned_by"] == HANDED:
        return None
    named = stands["responsible_id"]
    return (await names_of(visit, [named])).get(named)


def _as_stands(each: Ticked, stands: Mapping[str, Any] | None) -> Ticked:
    """What is sent next: as it is shown now."""
    return each if stands is None else Ticked(each.id, stands["version"], each.code)


async def _late(visit: Visit, stands: Mapping[str, Any], read: int) -> Mapping[str, Any]:
    """Who was named when the form was opened, and who is now: the last hand-over of each."""
    made = stands["hand_overs"]
    before = [each for each in made if each["version"] <= read]
    named = [before[-1] if before else None, made[-1] if made else None]
    ids = [each["responsible_id"] for each in named if each]
    return {"named": named, "names": await names_of(visit, ids)}
