"""Checking what was typed, asking for consent, and sending it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Response

from services.console.clients import Problem
from services.console.pages.edge import FromHere
from services.console.pages.reception_before import submitted_before
from services.console.pages.reception_body import submission
from services.console.pages.reception_drafts import (
    CHANGED,
    RECEPTION,
    SENT,
    Answers,
    Draft,
    beside_fields,
    draft_of,
    receipt_named_in,
    sent_of,
    told_by,
    typed_of,
)
from services.console.pages.reception_fields import (
    CHECK,
    CONSENTS,
    STEPS,
    Kind,
    Typed,
    field_of,
    where_of,
)
from services.console.pages.reception_told import UNPROCESSABLE, choices_in, told_again, wrong_in
from services.console.pages.visit import Visit, Visiting
from services.console.views import language_of
from shared.contracts.vocabulary import OrganisationKind, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

ASKED_FOR = (
    OrganisationKind.SUPPORT_FACILITY,
    OrganisationKind.HOSPITAL,
    OrganisationKind.LEGAL_AID_CENTRE,
    OrganisationKind.VOCATIONAL_SCHOOL,
    OrganisationKind.EMPLOYMENT_CENTRE,
    OrganisationKind.POLICY_BANK,
    OrganisationKind.WOMENS_UNION,
    OrganisationKind.SOCIAL_AFFAIRS,
)
"""The kinds of organisation that serve people, of which one agrees to each or not."""

OF_NOTICES = frozenset(
    {
        *("advance-notice-not-found", "advance-notice-cancelled", "expected-person-not-found"),
        *("expected-person-settled", "notice-route-unfit"),
    }
)
"""Why a case is nobody who was announced: the draft stays, and says otherwise."""


@router.get("/reception/{draft_id}/check")
async def show_check(draft_id: UUID, visit: Visiting) -> Response:
    """All that was typed, and what the person agrees to."""
    draft = await draft_of(visit, draft_id)
    if sent := sent_of(draft):
        return visit.go(sent)
    return _check_page(visit, draft, before=await submitted_before(visit, draft.told["typed"]))


@router.post("/reception/{draft_id}/check", dependencies=[FromHere])
async def send(draft_id: UUID, visit: Visiting) -> Response:
    """Keep the consents, and submit the case in place of its draft: once, however often sent."""
    draft = await draft_of(visit, draft_id)
    if sent := sent_of(draft):
        return visit.go(sent)
    typed = typed_of(visit.request, CONSENTS)
    try:
        receipt = await _submitted(visit, draft, typed)
    except Problem as problem:
        return await _refused(visit, draft_id, typed, problem)
    return visit.go(f"{SENT}/{receipt['id']}")


async def _submitted(visit: Visit, draft: Draft, consents: dict[str, list[str]]) -> Any:
    key, version = (told_by(visit.request, name) for name in ("key", "version"))
    path = f"/drafts/{draft.id}"
    saved = await visit.change(
        "PUT",
        Queue.INTAKE,
        f"{path}/sections/{CONSENTS}",
        body={"answers": consents},
        key=key,
        version=version,
    )
    body = submission({**draft.told["typed"], CONSENTS: consents})
    return await visit.change(
        "POST", Queue.INTAKE, f"{path}/submission", body=body, key=key, version=saved["version"]
    )


async def _refused(
    visit: Visit, draft_id: UUID, typed: dict[str, list[str]], problem: Problem
) -> Response:
    if sent := receipt_named_in(problem):
        return visit.go(sent)
    is_mended = problem.status == UNPROCESSABLE or problem.code in OF_NOTICES
    if problem.code != CHANGED and not is_mended:
        raise problem
    is_of_form = any(each.field.startswith("answers.") for each in problem.errors)
    shown = beside_fields(problem) if is_of_form else problem
    return _check_page(visit, await draft_of(visit, draft_id), typed, shown)


@router.post("/reception/{draft_id}/unit", dependencies=[FromHere])
async def choose_unit(draft_id: UUID, visit: Visiting) -> Response:
    """Put the commune that the person named in the place of one that was divided."""
    draft = await draft_of(visit, draft_id)
    field, code = (told_by(visit.request, name) for name in ("field", "code"))
    section, _ = where_of(field)
    known = field_of(section, field)
    if known is not None and known.kind is Kind.UNIT and code:
        await visit.change(
            "PUT",
            Queue.INTAKE,
            f"/drafts/{draft_id}/sections/{section}",
            body={"answers": {**draft.typed(section), field: [code]}},
            key=told_by(visit.request, "key"),
            version=told_by(visit.request, "version"),
        )
    return visit.go(f"{RECEPTION}/{draft_id}/{CHECK}")


def _check_page(
    visit: Visit,
    draft: Draft,
    consents: Typed | None = None,
    problem: Problem | None = None,
    *,
    before: Sequence[Mapping[str, Any]] = (),
) -> Response:
    is_late = problem is not None and problem.code == CHANGED
    language = language_of(visit.request)
    return visit.page(
        "reception_check.html",
        "check-title",
        status=200 if problem is None else problem.status,
        problem=None if is_late else problem,
        draft=draft,
        steps={section: told_again(draft.typed(section), section) for section in STEPS},
        wrong=[] if problem is None else list(wrong_in(draft.path, problem, language)),
        choices=[] if problem is None else list(choices_in(problem)),
        is_late=is_late,
        answers=Answers(draft.typed(CONSENTS) if consents is None else consents),
        kinds=ASKED_FOR,
        before=before,
    )
