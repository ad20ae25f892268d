"""Routes: parse, ask the domain, serialise."""

from services.intake.api import (
    advance_notices,
    alerts,
    assignments,
    audited,
    cases,
    consents,
    contact,
    corrections,
    disclosures,
    drafts,
    files,
    handing,
    immediate_needs,
    initial_checks,
    kept_apart,
    refuges,
    searching,
    story,
    targets,
)
from services.intake.api.reception import open_desk
from shared.kit.routing import Router

router = Router()
for part in (
    cases,
    story,
    initial_checks,
    immediate_needs,
    searching,
    drafts,
    consents,
    contact,
    corrections,
    disclosures,
    files,
    refuges,
    advance_notices,
    kept_apart,
    assignments,
    handing,
    alerts,
    targets,
    audited,
):
    router.include_router(part.router)

__all__ = ["open_desk", "router"]
