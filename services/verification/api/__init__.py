"""Routes: parse, ask the domain, serialise."""

from services.verification.api import protections, targets, verifications
from shared.kit.routing import Router

router = Router()
for part in (verifications, protections, targets):
    router.include_router(part.router)

__all__ = ["router"]
