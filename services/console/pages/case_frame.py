"""What the pages of one case have in common: what is said above, and the ways between them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.responses import HTMLResponse

from services.console.clients import ServiceDown
from services.console.pages.navigation import Tab
from services.console.pages.visit import Visit
from shared.access import Permission, Scope
from shared.contracts.vocabulary import Queue

PARTS = (
    Tab("", "case-whole", Permission.CASE_READ),
    Tab("/identity", "case-identity", Permission.CASE_FILE_READ),
    Tab("/contact", "case-contact", Permission.CONTACT_READ),
    Tab("/consents", "case-consents", Permission.CASE_READ),
    Tab("/support", "case-support", Permission.PLAN_READ),
    Tab("/referrals", "case-referrals", Permission.OFFER_READ),
    Tab("/protection", "case-protection", Permission.PROTECTION_REQUEST),
    Tab("/refuge", "case-refuge", Permission.REFUGE_RECORD),
    Tab("/stays", "case-stays", Permission.STAY_ANNOUNCE),
    Tab("/kept-apart", "apart-title", Permission.KEPT_APART_READ),
    Tab("/assignments", "case-assignments", Permission.CASE_ASSIGN),
)
"""In the order in which they are shown."""


async def case_of(visit: Visit, case_id: UUID) -> Mapping[str, Any]:
    """The case, codes only; raises ``Problem`` where it does not exist for this person."""
    found: Mapping[str, Any] = await visit.read(Queue.INTAKE, f"/cases/{case_id}")
    return found


async def head_of(visit: Visit, case_id: UUID) -> Mapping[str, Any]:
    """What is said of a case above a page of another service; its id alone while intake is down."""
    try:
        return await case_of(visit, case_id)
    except ServiceDown:
        return {"id": str(case_id), "code": None, "is_missing": True}


async def head_at_hand(visit: Visit, case_id: UUID) -> Mapping[str, Any]:
    """The case as its pages show it; for whoever has a part and may not read it, its id alone."""
    has_part = visit.person.may(Permission.ASSIGNMENT_READ, Scope.OWN)
    if not visit.may(Permission.CASE_READ):
        return {"id": str(case_id), "code": None}
    if not has_part:
        return await case_of(visit, case_id)
    # It may be theirs by the one role, or by the other.
    read = await visit.panel(Queue.INTAKE, f"/cases/{case_id}")
    return read.told or {"id": str(case_id), "code": None}


def case_page(visit: Visit, template: str, case: Mapping[str, Any], **facts: Any) -> HTMLResponse:
    """A page of a case, under its code; a title names nobody, and neither does this."""
    here = f"/cases/{case['id']}"
    page = visit.request.url.path
    parts = [
        (f"{here}{part.path}", part.text, page == f"{here}{part.path}")
        for part in PARTS
        if visit.may(part.permission)
    ]
    return visit.page(template, "case-title", case=case, here=here, parts=parts, **facts)
