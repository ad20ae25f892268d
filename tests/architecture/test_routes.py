"""Every address of every API asks who calls, but for the public ones listed here."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext

from shared.access import Permission
from shared.access.asking import permission_asked_by, permitted
from shared.contracts import Queue
from shared.kit.auth import subject_of
from tests.architecture.applications import SERVICES, routes

PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    *(f"GET /{queue.replace('_', '-')}/readyz" for queue in Queue),
    *(f"GET /{queue.replace('_', '-')}/healthz" for queue in Queue),
    *(f"GET /{queue.replace('_', '-')}/openapi.json" for queue in Queue),
    "POST /directory/v1/token",
    "GET /directory/v1/jwks.json",
    "POST /notification/v1/sms-reports",
    "POST /intake/v1/contact-answers",
    "POST /directory/v1/mailings",
    "POST /directory/v1/mailings/recipient",
}
"""Health, documentation, keys, and what authenticates by itself: the token endpoint by assertion,
reports of SMS, and what notification asks of intake and directory, by signature."""


def addresses(route: RouteContext) -> set[str]:
    return {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}


def calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


def calls_of(route: RouteContext) -> Iterator[Callable[..., Any] | None]:
    dependant: Dependant | None = getattr(route, "dependant", None)
    return iter(()) if dependant is None else calls(dependant)


def asks_who_calls(route: RouteContext) -> bool:
    return any(
        call is subject_of or getattr(call, "__qualname__", "") == POLICY
        for call in calls_of(route)
    )


POLICY = permitted(Permission.CASE_READ).__qualname__


@SERVICES
def test_an_application_has_routes_of_its_own(queue: Queue, application: FastAPI) -> None:
    own = [route for route in routes(application) if not addresses(route) <= PUBLIC]
    assert len(own) > 3, [route.path for route in own]


@SERVICES
def test_every_route_asks_who_calls(queue: Queue, application: FastAPI) -> None:
    open_to_all = [
        address
        for route in routes(application)
        if not asks_who_calls(route)
        for address in addresses(route)
        if address not in PUBLIC
    ]
    assert not open_to_all, f"neither a permission nor subject_of guards {open_to_all}"


FOR_EVERY_SUBJECT = {f"GET /{queue.replace('_', '-')}/v1/vocabulary" for queue in Queue}
"""Codes and their texts: what every subject may read, whatever it holds."""


@SERVICES
def test_every_route_asks_for_a_permission(queue: Queue, application: FastAPI) -> None:
    without = {
        address
        for route in routes(application)
        if not any(permission_asked_by(call) for call in calls_of(route))
        for address in addresses(route)
    }
    assert without - PUBLIC <= FOR_EVERY_SUBJECT


@SERVICES
def test_routes_live_under_the_services_own_address(queue: Queue, application: FastAPI) -> None:
    base = f"/{queue.replace('_', '-')}/"
    strangers = [
        route.path
        for route in routes(application)
        if not str(route.path).startswith(base) and route.path not in {"/healthz", "/readyz"}
    ]
    assert not strangers


@SERVICES
def test_operations_have_names_and_texts_of_their_own(queue: Queue, application: FastAPI) -> None:
    operations = [
        operation
        for methods in application.openapi()["paths"].values()
        for operation in methods.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation.get("description") for operation in operations), "docstrings are the API"


@SERVICES
def test_parked_messages_are_shown_to_operators(queue: Queue, application: FastAPI) -> None:
    served = {address for route in routes(application) for address in addresses(route)}
    base = f"/{queue.replace('_', '-')}/v1/parked-messages"
    assert {
        f"GET {base}",
        f"POST {base}/{{message_id}}/replays",
        f"POST {base}/{{message_id}}/skips",
    } <= served


def test_the_walk_sees_routes_of_included_routers_and_whom_they_ask() -> None:
    router, outer, application = APIRouter(), APIRouter(), FastAPI(openapi_url=None)
    router.get("/asked", dependencies=[Depends(permitted(Permission.CASE_SUBMIT))])(lambda: None)
    router.get("/open")(lambda: None)
    outer.include_router(router, prefix="/inner")
    application.include_router(outer, prefix="/outer")
    found = {str(route.path): asks_who_calls(route) for route in routes(application)}
    assert found == {"/outer/inner/asked": True, "/outer/inner/open": False}
