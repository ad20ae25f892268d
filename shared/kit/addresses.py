"""Where a request goes: one spelling for each address, however it was written."""

from urllib.parse import quote
from uuid import UUID

from fastapi import Request

from shared.forms import is_id
from shared.kit.identifiers import new_id
from shared.kit.routing import template_of


def place_of(request: Request) -> str:
    """The path, its ids in small letters, without what the Host header or a query adds to it."""
    path: str = request.scope["path"]
    return quote("/".join(_spelled(step) for step in path.split("/")))


def action_of(request: Request) -> str:
    """What is tried, whatever it is tried on: the method and the address as it is declared."""
    return f"{request.method} {template_of(request.app, request.scope['path'])}"


def object_of(request: Request) -> UUID:
    """The thing a refusal is about: the first id in the address, or a new one if it has none."""
    steps = request.scope["path"].split("/")
    return next((UUID(step) for step in steps if is_id(step)), None) or new_id()


def _spelled(step: str) -> str:
    return step.lower() if is_id(step) else step
