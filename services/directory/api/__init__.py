"""Routes: parse, ask the domain, serialise."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.directory.api import clients, endpoints, organisations, programmes, tokens, units
from services.directory.api.endpoints import WebhookRules


def _named(route: APIRoute) -> str:
    """An operation is called what its function is called: the names are unique here."""
    return route.name


router = APIRouter(generate_unique_id_function=_named)
for part in (organisations, programmes, units, clients, endpoints, tokens):
    router.include_router(part.router)

__all__ = ["WebhookRules", "router"]
