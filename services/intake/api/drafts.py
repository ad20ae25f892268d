"""Drafts over HTTP: begun, gone on with, discarded, and submitted as a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.cases import submit
from services.intake.api.edge import DRAFTS, DraftId, Keys, Submitter
from services.intake.policy import DraftSection
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import Asked, NotedRead, OnceOnly, asked_by
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["drafts"])

Reader = Annotated[Subject, Depends(permitted(Permission.DRAFT_READ))]
Drafter = Annotated[Subject, Depends(permitted(Permission.DRAFT_KEEP))]
Expected = Annotated[Versions, Depends(expected_versions)]
CHANGING = refusals(400, 401, 403, 404, 409, 412, 413, 422, 428)


@router.post(
    "/drafts",
    status_code=201,
    response_model=schemas.DraftSummary,
    responses=refusals(400, 401, 403, 409, 413, 422),
)
def begin_draft(
    body: schemas.DraftCreate, once: OnceOnly, caller: Drafter, keys: Keys
) -> JSONResponse:
    """Begin a draft of a case. Only you go on with it; it is kept sealed for some days."""
    typed = {str(section): _plain(said) for section, said in body.sections.items()}

    def act(session: Session, now: datetime) -> Answer:
        return _answer(201, domain.Drafting(session, keys, caller, now).begin(typed))

    return once.answer(act)


@router.get("/drafts", responses=refusals(401, 403, 422))
def list_drafts(read: NotedRead, caller: Reader, page: PageParams) -> schemas.DraftList:
    """List the drafts that you began and have not submitted, newest first, without their content.

    Of what others of your organisation have begun you learn how many there are.
    """
    found = domain.find_drafts(read.session, subject=caller, after=page.after, size=page.reach)
    shown = page.of(found)
    read.lists(shown.rows)
    return schemas.DraftList(
        items=[schemas.DraftSummary.model_validate(each) for each in shown.rows],
        of_others=domain.count_of_others(read.session, subject=caller),
        next_cursor=shown.next_cursor,
    )


@router.get("/drafts/{draft_id}", responses=refusals(401, 403, 404, 422))
def read_draft(
    draft_id: DraftId, read: NotedRead, caller: Reader, keys: Keys, response: Response
) -> schemas.DraftRead:
    """Read what you typed. Of a draft that was submitted you read which case it became."""
    draft, typed = domain.find_draft(read.session, keys=keys, draft_id=draft_id, subject=caller)
    read.shows(draft_id)
    response.headers["ETag"] = etag(draft.version)
    summary = schemas.DraftSummary.model_validate(draft)
    return schemas.DraftRead(**summary.model_dump(), typed=typed)


@router.put(
    "/drafts/{draft_id}/sections/{section}",
    response_model=schemas.DraftSummary,
    responses=CHANGING,
)
def save_section(
    *,
    draft_id: DraftId,
    section: Annotated[DraftSection, Path(description="The section that was typed.")],
    body: schemas.SectionWrite,
    once: OnceOnly,
    caller: Drafter,
    keys: Keys,
    version: Expected,
) -> JSONResponse:
    """Keep what was typed into one section, in place of what was there."""

    def act(session: Session, now: datetime) -> Answer:
        drafting = domain.Drafting(session, keys, caller, now)
        return _answer(200, drafting.save(draft_id, section, _plain(body), version))

    return once.answer(act)


@router.delete("/drafts/{draft_id}", response_model=schemas.DraftSummary, responses=CHANGING)
def discard_draft(
    *, draft_id: DraftId, once: OnceOnly, caller: Drafter, keys: Keys, version: Expected
) -> JSONResponse:
    """Delete a draft and its key; nobody reads it again. The answer says what it was."""

    def act(session: Session, now: datetime) -> Answer:
        return _answer(200, domain.Drafting(session, keys, caller, now).discard(draft_id, version))

    return once.answer(act)


@router.post(
    "/drafts/{draft_id}/submission",
    status_code=201,
    response_model=schemas.CaseReceipt,
    responses=refusals(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
async def submit_draft(
    *,
    draft_id: DraftId,
    body: schemas.CaseCreate,
    asked: Annotated[Asked, Depends(asked_by)],
    caller: Submitter,
    version: Expected,
    request: Request,
) -> JSONResponse:
    """Submit a case in place of its draft, in the words of `POST /cases`.

    The case is there and the draft is gone at once, and of one draft comes one case; what is
    refused leaves the draft as it is.
    """
    return await submit(request, body, asked, caller, domain.DraftSent(draft_id, caller, version))


def _plain(said: schemas.SectionWrite) -> Mapping[str, list[str]]:
    return {name: list(values) for name, values in said.answers.items()}


def _answer(status: int, draft: Any) -> Answer:
    """How far the draft is, and nothing of what it holds: answers are kept for their repeats."""
    read = schemas.DraftSummary.model_validate(draft).model_dump(mode="json")
    return Answer(status, read, {"Location": f"{DRAFTS}/{draft.id}", "ETag": etag(draft.version)})
