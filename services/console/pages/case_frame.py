"""What the pages of one case have in common: what is said above, and the ways between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import HTMLResponse

from services.console.pages.visit import Visit
from shared.access import Permission

OK, UNPROCESSABLE = 200, 422
INTAKE = "intake"


@dataclass(frozen=True)
class Part:
    """A page of a case."""

    path: str
    text: str
    """The code of its text."""
    permission: Permission


PARTS = (
    Part("", "case-whole", Permission.CASE_READ),
    Part("/identity", "case-identity", Permission.CASE_FILE_READ),
    Part("/consents", "case-consents", Permission.CASE_READ),
    Part("/support", "case-support", Permission.PLAN_READ),
    Part("/referrals", "case-referrals", Permission.OFFER_READ),
    Part("/assignments", "case-assignments", Permission.CASE_ASSIGN),
)
"""In the order in which they are shown."""


async def case_of(visit: Visit, case_id: UUID) -> Mapping[str, Any]:
    """The case, codes only; raises ``Problem`` where it does not exist for this person."""
    found: Mapping[str, Any] = await visit.read(INTAKE, f"/cases/{case_id}")
    return found


def case_page(
    visit: Visit, template: str, case: Mapping[str, Any], *, status: int = OK, **facts: Any
) -> HTMLResponse:
    """A page of a case, under its code; a title names nobody, and neither does this."""
    here = f"/cases/{case['id']}"
    page = visit.request.url.path
    parts = [
        (f"{here}{part.path}", part.text, page == f"{here}{part.path}")
        for part in PARTS
        if visit.may(part.permission)
    ]
    return visit.page(
        template, "case-title", status=status, case=case, here=here, parts=parts, **facts
    )
