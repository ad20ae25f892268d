"""Routes whose bodies and queries are read strictly; every router of every service is one."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts

from shared.kit import strict_json
from shared.kit.errors import Invalid

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ParameterRepeated(Invalid):
    """A parameter of the query is given more than once."""


class StrictRequest(Request):
    """A request whose body is JSON as ``kit.strict_json`` has it, parsed once."""

    _stated: Any

    async def json(self) -> Any:
        """The value the body states; raises ``BodyUnreadable``."""
        if not hasattr(self, "_stated"):
            self._stated = strict_json.parse(await self.body())
        return self._stated


Shortcut = Callable[[StrictRequest], Awaitable[Response | None]]
"""Answers a request as its operation does, or returns ``None`` having changed nothing."""
Operation = TypeVar("Operation", bound=Callable[..., Any])

_SHORTCUTS: dict[Callable[..., Any], Shortcut] = {}


def with_shortcut(shortcut: Shortcut) -> Callable[[Operation], Operation]:
    """An operation for which this is tried first; what it leaves goes through the framework.

    The framework finds out for each request what the operation asks for, and says what is wrong
    with it. What is plainly right needs neither.
    """

    def declared(operation: Operation) -> Operation:
        _SHORTCUTS[operation] = shortcut
        return operation

    return declared


class StrictRoute(APIRoute):
    """A route that hands its request on as a ``StrictRequest``."""

    def get_route_handler(self) -> Handler:
        """As FastAPI's, on the stricter request."""
        handle: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            asked = [name for name, _ in request.query_params.multi_items()]
            if len({*asked}) < len(asked):
                raise ParameterRepeated
            strict = StrictRequest(request.scope, request.receive)
            shortcut = _SHORTCUTS.get(self.endpoint)
            answer = None if shortcut is None else await shortcut(strict)
            return answer or await handle(strict)

        return strictly


def methods_at(app: FastAPI, path: str) -> list[str]:
    """Every method an address takes (RFC 9110 section 10.2.1), HEAD wherever GET is one."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path_regex.fullmatch(path):
            found |= route.methods or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def template_of(app: FastAPI, path: str) -> str:
    """The address as it is declared, with names instead of what stands in their places."""
    matching = (it for it in iter_route_contexts(app.routes) if it.path_regex.fullmatch(path))
    return next((str(route.path) for route in matching), "nowhere")


def _name(route: APIRoute) -> str:
    return route.name


class Router(APIRouter):
    """The router of every service: strict bodies, operations called as their functions are."""

    def __init__(self, **options: Any) -> None:
        """As FastAPI's."""
        options.setdefault("generate_unique_id_function", _name)
        super().__init__(**options, route_class=StrictRoute, redirect_slashes=False)
