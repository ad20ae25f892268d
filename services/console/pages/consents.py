"""What the person agreed to, who was let see who they are, and what was deleted again."""

from asyncio import gather
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import CHANGED, Panel, Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import OrganisationKind, Purpose, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

EVENTS = "25"


class Scope(Sent):
    """Organisations of a kind, and what for."""

    organisation_kind: str = ""
    purpose: str = ""
    seen: list[str] = Field(default_factory=list)
    """The consents that held when the page was opened, by their ids."""

    def body(self) -> dict[str, Any]:
        """The same as intake takes it."""
        return {name: value for name, value in self.said().items() if name != "seen"}


class NewConsent(Scope):
    """A consent, and who was there when it was given."""

    witness: str = ""


@router.get("/cases/{case_id}/consents")
async def show_consents(case_id: UUID, visit: Visiting, cursor: str = "") -> HTMLResponse:
    """Consents by organisation and purpose; under them who saw what, and what was deleted."""
    return await _consents_page(visit, case_id, cursor=cursor)


@router.post("/cases/{case_id}/consents", dependencies=[FromHere])
async def give(case_id: UUID, form: Annotated[NewConsent, Form()], visit: Visiting) -> Response:
    """Record that the person agrees."""
    try:
        path = f"/cases/{case_id}/consents"
        how = {"key": form.key, "version": form.version}
        await visit.change("POST", Queue.INTAKE, path, body=form.body(), **how)
    except Problem as problem:
        return await _consents_page(visit, case_id, problem, sent=form, chosen=form)
    return visit.go(f"/cases/{case_id}/consents", Done.CONSENT_RECORDED)


@router.get("/cases/{case_id}/consents/withdrawal")
async def ask_withdrawal(
    case_id: UUID, organisation_kind: OrganisationKind, purpose: Purpose, visit: Visiting
) -> HTMLResponse:
    """What a withdrawal does, before it is done."""
    case = await case_of(visit, case_id)
    scope = {"organisation_kind": organisation_kind, "purpose": purpose}
    return case_page(visit, "withdrawal.html", case, scope=scope, live=_live(case))


@router.post("/cases/{case_id}/consents/withdrawal", dependencies=[FromHere])
async def withdraw(case_id: UUID, form: Annotated[Scope, Form()], visit: Visiting) -> Response:
    """Record that the person takes a consent back; whoever knows them is told to delete it."""
    try:
        path = f"/cases/{case_id}/consents/withdrawals"
        how = {"key": form.key, "version": form.version}
        await visit.change("POST", Queue.INTAKE, path, body=form.body(), **how)
    except Problem as problem:
        return await _consents_page(visit, case_id, problem, sent=form)
    return visit.go(f"/cases/{case_id}/consents", Done.CONSENT_WITHDRAWN)


async def _consents_page(
    visit: Visit,
    case_id: UUID,
    problem: Problem | None = None,
    *,
    sent: Scope | None = None,
    chosen: NewConsent | None = None,
    cursor: str = "",
) -> HTMLResponse:
    """The page; whoever comes too late sees what held when they opened it, and what holds now."""
    case, disclosed, referrals = await gather(
        case_of(visit, case_id), _disclosed(visit, case_id, cursor), _referrals(visit, case_id)
    )
    seen = disclosed.told["items"] if disclosed.told else []
    purges = [it for it in (referrals.told or {"items": ()})["items"] if it["purge_asked_at"]]
    asked = (each["organisation_id"] for each in [*seen, *purges])
    return case_page(
        visit,
        "consents.html",
        case,
        problem=problem,
        live=_live(case),
        ended=[each for each in case["consents"] if each["withdrawn_at"]],
        disclosed=disclosed,
        purges=purges,
        are_purges_missing=referrals.is_missing,
        names=await names_of(visit, asked),
        kinds=list(OrganisationKind),
        purposes=list(Purpose),
        chosen=chosen or NewConsent(),
        seen=_seen(case, sent) if problem and problem.status == CHANGED else None,
        is_later=bool(cursor),
    )


def _live(case: Mapping[str, Any]) -> list[Any]:
    return [each for each in case["consents"] if not each["withdrawn_at"]]


def _seen(case: Mapping[str, Any], sent: Scope | None) -> list[Any]:
    """What held when the form was opened, by what the form says of it."""
    ids = set(sent.seen) if sent else set()
    return [each for each in case["consents"] if each["id"] in ids]


async def _disclosed(visit: Visit, case_id: UUID, cursor: str) -> Panel:
    if not visit.may(Permission.DISCLOSURE_READ):
        return Panel(None)
    path = f"/cases/{case_id}/disclosures"
    return await visit.panel(Queue.INTAKE, path, page_size=EVENTS, cursor=cursor)


async def _referrals(visit: Visit, case_id: UUID) -> Panel:
    """What says who was told to delete what they know, and has confirmed it."""
    if not visit.may(Permission.REFERRAL_READ):
        return Panel(None)
    return await visit.whole_panel(Queue.LIVELIHOOD_SUPPORT, "/referrals", case_id=str(case_id))
