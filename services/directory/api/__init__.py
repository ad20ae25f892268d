"""Routes: parse, ask the domain, serialise."""

from services.directory.api import (
    account,
    actors,
    clients,
    contact_points,
    endpoints,
    factors,
    log_ins,
    mailings,
    offices,
    organisations,
    outside,
    own_settings,
    programmes,
    rules,
    staff,
    tokens,
    units,
)
from services.directory.api.endpoints import WebhookRules
from shared.kit.routing import Router

router = Router()
for part in (
    organisations,
    staff,
    programmes,
    units,
    clients,
    contact_points,
    endpoints,
    tokens,
    log_ins,
    offices,
    account,
    own_settings,
    mailings,
    actors,
    factors,
    outside,
    rules,
):
    router.include_router(part.router)

__all__ = ["WebhookRules", "router"]
