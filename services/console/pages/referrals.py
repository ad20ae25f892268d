"""The referrals of a case, and the ladder of offers of one with its score explained (page 17)."""

from asyncio import gather
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

DONE = {
    "cancel": Done.REFERRAL_CANCELLED,
    "reply": Done.QUESTION_REPLIED,
    "confirm": Done.SERVICE_CONFIRMED,
}
"""What a case owner's move has done."""


class Moved(Sent):
    """What to do with a referral, and why, or what is asked or replied about it."""

    move: str = ""
    reason: str = ""
    outcome: str = ""
    questions: list[str] = Field(default_factory=list)
    question_id: str = ""
    reply: str = ""


@router.get("/cases/{case_id}/referrals")
async def list_referrals(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """The referrals of a case, those that run first."""
    case, referrals = await gather(
        head_of(visit, case_id),
        visit.whole_panel(Queue.LIVELIHOOD_SUPPORT, "/referrals", case_id=str(case_id)),
    )
    return case_page(
        visit,
        "referrals.html",
        case,
        case_id=case_id,
        referrals=referrals,
    )


@router.get("/cases/{case_id}/referrals/{referral_id}")
async def show_referral(case_id: UUID, referral_id: UUID, visit: Visiting) -> HTMLResponse:
    """Who was asked and waits until when, who would be next, and who cannot be asked."""
    return await _referral_page(visit, case_id, referral_id)


@router.post("/cases/{case_id}/referrals/{referral_id}/moves", dependencies=[FromHere])
async def move_referral(
    case_id: UUID, referral_id: UUID, form: Annotated[Moved, Form()], visit: Visiting
) -> Response:
    """Cancel it, reply to a question about it, or confirm that the support has reached them."""
    path = f"/referrals/{referral_id}/moves"
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
        return await _referral_page(visit, case_id, referral_id, problem, sent=form)
    return visit.go(f"/cases/{case_id}/referrals/{referral_id}", DONE.get(form.move))


async def _referral_page(
    visit: Visit,
    case_id: UUID,
    referral_id: UUID,
    problem: Problem | None = None,
    *,
    sent: Moved | None = None,
) -> HTMLResponse:
    path = f"/referrals/{referral_id}"
    case, referral, offers, candidates = await gather(
        head_of(visit, case_id),
        visit.read(Queue.LIVELIHOOD_SUPPORT, path),
        visit.read(Queue.LIVELIHOOD_SUPPORT, f"{path}/offers"),
        visit.read(Queue.LIVELIHOOD_SUPPORT, f"{path}/candidates"),
    )
    found = candidates["items"]
    return case_page(
        visit,
        "referral.html",
        case,
        problem=problem,
        case_id=case_id,
        referral=referral,
        offers=offers,
        weights=candidates["weights"],
        next_ones=[each for each in found if each["rank"] and not each["is_asked"]],
        excluded=[each for each in found if each["excluded_by"]],
        counted=_counted(found),
        named_by=await _programmes(visit, referral["code"]),
        can={each["move"]: each for each in referral["can"]},
        sent=sent or Moved(),
    )


def _counted(candidates: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, int]]:
    """How many programmes cannot be asked for which reason, the commonest first."""
    whys = Counter(each["excluded_by"] for each in candidates if each["excluded_by"])
    return whys.most_common()


async def _programmes(visit: Visit, code: str) -> Mapping[str, Any]:
    """The programmes that serve a need, by id; none while the directory does not answer."""
    found = await visit.whole_panel(Queue.DIRECTORY, "/programmes", code=code)
    return {each["id"]: each for each in found.told["items"]} if found.told else {}
