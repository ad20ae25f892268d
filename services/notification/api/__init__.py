"""Routes: parse, ask the domain, serialise."""

from services.notification.api import (
    channels,
    deliveries,
    endpoints,
    notices,
    recordings,
    replays,
    reports,
    suspensions,
    templates,
)
from shared.kit.routing import Router

router = Router()
for part in (
    deliveries,
    endpoints,
    reports,
    notices,
    replays,
    suspensions,
    channels,
    templates,
    recordings,
):
    router.include_router(part.router)

__all__ = ["router"]
