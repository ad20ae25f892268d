"""Routes: parse, ask the domain, serialise."""

from services.intake.api import (
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
    assignments,
    handing,
    alerts,
    targets,
    audited,
):
    router.include_router(part.router)

__all__ = ["open_desk", "router"]
