"""Moves of a verification: a button, or a form with what the move needs.

A form is made of what the API says is possible now. Whoever comes too late is shown what stood
when the form was opened and what stands now; what was typed is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, HTTPException, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.verification import AT_ONCE, LIST, moves_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NOT_FOUND, CONFLICT, CHANGED = 404, 409, 412
ASSIGN = "assign"
DONE = {
    ASSIGN: Done.VERIFICATION_ASSIGNED,
    "start": Done.VERIFICATION_STARTED,
    "pause": Done.VERIFICATION_PAUSED,
    "resume": Done.VERIFICATION_RESUMED,
    "extend": Done.VERIFICATION_EXTENDED,
    "conclude": Done.VERIFICATION_CONCLUDED,
    "reopen": Done.VERIFICATION_REOPENED,
    "complain": Done.VERIFICATION_COMPLAINED,
    "keep": Done.VERIFICATION_KEPT,
}
"""The moves that have a form, and what each has done."""
YES = "yes"

FIELD_OF = {
    "outcome-missing": "outcome",
    "reason-missing": "reason",
    "reason-unfit": "reason",
    "grounds-missing": "grounds",
    "verifier-missing": "organisation_id",
    "verifier-unfit": "organisation_id",
    "complaint-day-missing": "received_on",
    "complaint-day-unfit": "received_on",
    "number-missing": "evidence_ref",
}
"""The field that a refusal is about which the API says of the whole."""


class Filled(Sent):
    """A move as it was filled in."""

    outcome: str = ""
    """An outcome and its reason: one choice on the page."""
    reason: str = ""
    grounds: list[str] = Field(default_factory=list)
    evidence: list[str] = Field(default_factory=list)
    evidence_ref: str = ""
    organisation_id: str = ""
    was_minor_at_act: str = ""
    received_on: str = ""

    def body(self, move: str) -> dict[str, Any]:
        """What the API is sent."""
        said = {"move": move, **self.said()}
        if "outcome" in said:
            said["outcome"], _, reason = said["outcome"].partition(" ")
            said |= {"reason": reason} if reason else {}
        if "was_minor_at_act" in said:
            said["was_minor_at_act"] = said["was_minor_at_act"] == YES
        if "received_on" in said:
            said["received_on"] = iso_day(said["received_on"])
        return said


@dataclass(frozen=True)
class Tried:
    """A move as it was sent and refused, or not sent yet."""

    move: str
    form: Filled
    problem: Problem | None = None

    @property
    def field(self) -> str | None:
        """The field that the refusal is about, if it is about one."""
        field = FIELD_OF.get(self.problem.code) if self.problem else None
        return "outcome" if (self.move, field) == ("conclude", "reason") else field

    @property
    def is_late(self) -> bool:
        """Whether somebody else was faster."""
        return self.problem is not None and self.problem.status in {CONFLICT, CHANGED}


@router.get("/verifications/{verification_id}/{move}")
async def show_form(verification_id: UUID, move: str, visit: Visiting) -> HTMLResponse:
    """What a move needs; where it is not possible now, what is."""
    return await _form_page(visit, verification_id, Tried(move, Filled()))


@router.post("/verifications/{verification_id}/{move}", dependencies=[FromHere])
async def make_move(
    verification_id: UUID, move: str, form: Annotated[Filled, Form()], visit: Visiting
) -> Response:
    """Make it, and come back to the verification."""
    path = f"{LIST}/{verification_id}"
    how: dict[str, Any] = {"key": form.key, "version": form.version}
    try:
        await visit.change("POST", Queue.VERIFICATION, f"{path}/moves", body=form.body(move), **how)
    except Problem as problem:
        return await _form_page(visit, verification_id, Tried(move, form, problem))
    return visit.go(path, DONE.get(move))


async def _form_page(visit: Visit, verification_id: UUID, tried: Tried) -> HTMLResponse:
    if tried.move not in DONE:
        raise HTTPException(NOT_FOUND)
    found = await visit.read(Queue.VERIFICATION, f"{LIST}/{verification_id}")
    possible = next((each for each in found["can"] if each["move"] == tried.move), None)
    return visit.page(
        "verification_move.html",
        f"move-{tried.move}",
        status=None if possible or tried.problem else CONFLICT,
        **vars(tried),
        field=tried.field,
        it=found,
        possible=possible,
        evidence=await _citable(visit, found, possible),
        at_once=AT_ONCE,
        authorities=await _authorities(visit, tried.move),
        changes=await _changes(visit, found, tried) if tried.is_late else None,
    )


async def _citable(
    visit: Visit, found: Mapping[str, Any], possible: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """What was recorded and can be cited; asked only where a move rests on evidence."""
    if possible is None or not (possible["grounds"] or possible["outcomes"]):
        return []
    listed = await visit.read(Queue.VERIFICATION, f"{LIST}/{found['id']}/evidence")
    items: list[dict[str, Any]] = listed["items"]
    return items


async def _authorities(visit: Visit, move: str) -> list[tuple[str, str]]:
    """Who could be asked to verify; who may verify there today, the API judges."""
    return (await organisations_with(visit, "verifier")).told or [] if move == ASSIGN else []


async def _changes(visit: Visit, found: Mapping[str, Any], tried: Tried) -> Mapping[str, Any]:
    """What stood when the form was opened, and what was done since."""
    moves = await moves_of(visit, found)
    read = int(tried.form.version) if tried.form.version.isdecimal() else 0
    before = [each for each in moves if each["version"] <= read]
    since = moves[len(before) :]
    names = await names_of(visit, [each["verifier_id"] for each in since])
    return {"seen": before[-1] if before else None, "since": since, "names": names}
