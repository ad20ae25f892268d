"""Routes: parse, ask the domain, serialise."""

from services.livelihood_support.api import (
    alerts,
    facilities,
    facts,
    held_places,
    needs,
    places,
    plans,
    provisions,
    referrals,
    stays,
    ways,
)
from shared.kit.routing import Router

router = Router()
for part in (
    referrals,
    needs,
    plans,
    provisions,
    stays,
    facilities,
    held_places,
    ways,
    facts,
    places,
    alerts,
):
    router.include_router(part.router)

__all__ = ["router"]
