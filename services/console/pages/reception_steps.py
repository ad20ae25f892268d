"""The steps of a reception: one section a page, kept on the server whenever one goes on."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.reception_drafts import (
    CHANGED,
    LATE,
    NEW,
    RECEPTION,
    Draft,
    beside_fields,
    draft_of,
    receipt_named_in,
    sent_of,
    step_page,
    told_by,
    typed_of,
)
from services.console.pages.reception_fields import CHECK, STEPS, next_of
from services.console.pages.reception_told import UNPROCESSABLE, asked_to_mend
from services.console.pages.visit import Visit, Visiting
from services.console.views import language_of
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

FIRST = STEPS[0]
LATER = "later"
Step = StrEnum("Step", {each.upper(): each for each in STEPS})  # type: ignore[misc]
Wrong = Annotated[tuple[str, ...], Query(max_length=50)]


@router.get("/reception/new")
async def begin(visit: Visiting) -> Response:
    """The first section of a draft that is begun when it is sent."""
    return step_page(visit, NEW, FIRST)


@router.post("/reception/new", dependencies=[FromHere])
async def begun(visit: Visiting) -> Response:
    """Begin a draft with the first section."""
    typed = typed_of(visit.request, FIRST)
    body = {"sections": {FIRST: {"answers": typed}}}
    key = told_by(visit.request, "key")
    try:
        made = await visit.change("POST", Queue.INTAKE, "/drafts", body=body, key=key)
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return step_page(visit, NEW, FIRST, typed=typed, problem=beside_fields(problem))
    return _onward(visit, f"{RECEPTION}/{made['id']}", FIRST)


@router.get("/reception/{draft_id}")
async def show_sections(draft_id: UUID, visit: Visiting) -> Response:
    """The list of sections, which are typed, and who will see what."""
    draft = await draft_of(visit, draft_id)
    if receipt := sent_of(draft):
        return visit.go(receipt)
    return visit.page("reception_sections.html", "reception-title", draft=draft, steps=STEPS)


@router.get("/reception/{draft_id}/discard")
async def ask_to_discard(draft_id: UUID, visit: Visiting) -> Response:
    """Ask once more before what was typed is deleted."""
    draft = await draft_of(visit, draft_id)
    if receipt := sent_of(draft):
        return visit.go(receipt)
    return visit.page("reception_discard.html", "discard-title", draft=draft)


@router.post("/reception/{draft_id}/discard", dependencies=[FromHere])
async def discard(draft_id: UUID, visit: Visiting) -> Response:
    """Delete a draft."""
    key, version = (told_by(visit.request, name) for name in ("key", "version"))
    try:
        await visit.change("DELETE", Queue.INTAKE, f"/drafts/{draft_id}", key=key, version=version)
    except Problem as problem:
        return visit.go(receipt_named_in(problem) or _shown_again(problem, draft_id))
    return visit.go(RECEPTION, Done.DRAFT_DISCARDED)


def _shown_again(problem: Problem, draft_id: UUID) -> str:
    """Somebody went on with it meanwhile, perhaps oneself: one looks again before it is deleted."""
    if problem.code != CHANGED:
        raise problem
    return f"{RECEPTION}/{draft_id}"


@router.get("/reception/{draft_id}/{section}")
async def show_step(
    draft_id: UUID,
    section: Step,
    visit: Visiting,
    wrong: Wrong = (),
    back: str = "",
) -> Response:
    """One section; where a submission was refused, with what was wrong in it."""
    draft = await draft_of(visit, draft_id)
    if receipt := sent_of(draft):
        return visit.go(receipt)
    problem = asked_to_mend(wrong, language_of(visit.request))
    return step_page(visit, draft, section, problem=problem, back=back)


@router.post("/reception/{draft_id}/{section}", dependencies=[FromHere])
async def save_step(draft_id: UUID, section: Step, visit: Visiting) -> Response:
    """Keep a section, and go on."""
    typed = typed_of(visit.request, section)
    key, version = (told_by(visit.request, name) for name in ("key", "version"))
    path = f"/drafts/{draft_id}/sections/{section}"
    try:
        await visit.change(
            "PUT", Queue.INTAKE, path, body={"answers": typed}, key=key, version=version
        )
    except Problem as problem:
        return await _kept_open(visit, draft_id, section, typed, problem)
    return _onward(visit, f"{RECEPTION}/{draft_id}", section)


async def _kept_open(
    visit: Visit, draft_id: UUID, section: str, typed: dict[str, list[str]], problem: Problem
) -> Response:
    """The page again, with what was typed: mended, or over what somebody kept meanwhile."""
    if receipt := receipt_named_in(problem):
        return visit.go(receipt)
    if problem.status not in {UNPROCESSABLE, LATE}:
        raise problem
    draft: Draft = await draft_of(visit, draft_id)
    shown = beside_fields(problem) if problem.status == UNPROCESSABLE else problem
    back = told_by(visit.request, "back")
    return step_page(visit, draft, section, typed=typed, problem=shown, back=back)


def _onward(visit: Visit, path: str, section: str) -> Response:
    if told_by(visit.request, "next") == LATER:
        return visit.go(RECEPTION, Done.DRAFT_KEPT)
    is_checked = told_by(visit.request, "back") == CHECK
    return visit.go(f"{path}/{CHECK if is_checked else next_of(section)}")
