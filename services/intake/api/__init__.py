"""Routes: parse, ask the domain, serialise."""

from services.intake.api import cases, consents, corrections, disclosures
from services.intake.api.reception import open_desk
from shared.kit.routing import Router

router = Router()
for part in (cases, consents, corrections, disclosures):
    router.include_router(part.router)

__all__ = ["open_desk", "router"]
