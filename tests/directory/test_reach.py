"""Whose endpoints and programmes they are: one's own, or everybody's for an administrator.

Whatever else the directory shows it shows to all, or to administrators alone; accounts of people
are asked about in ``test_staff`` and ``test_officers``, one's own in ``test_account``.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from shared.access import PERMISSIONS, Permission, Scope
from shared.access.asking import permission_asked_by
from shared.contracts.vocabulary import Role
from tests.architecture.applications import routes
from tests.architecture.test_routes import addresses, calls_of
from tests.directory.calls import OFFER, SCHOOL, URL, V1, Headers, TokenFor, key, match, post
from tests.reaching import HERE, THINGS, Ask, Lies, Mark, expected, shown, told_by

TABLE = """
                                                                                          provider  administrator  others
GET    /directory/v1/organisations/{organisation_id}/endpoints                            ++--      ++++           ++--
POST   /directory/v1/organisations/{organisation_id}/endpoints                            ++--      ++++           ++--
DELETE /directory/v1/organisations/{organisation_id}/endpoints/{endpoint_id}              ++--      ++++           ++--
GET    /directory/v1/organisations/{organisation_id}/contact-points                       ++--      ++++           ++--
POST   /directory/v1/organisations/{organisation_id}/contact-points                       ++--      ++++           ++--
DELETE /directory/v1/organisations/{organisation_id}/contact-points/{contact_point_id}    ++--      ++++           ++--
GET    /directory/v1/organisations/{organisation_id}/weekly-page                          ++--      ++++           ++--
POST   /directory/v1/organisations/{organisation_id}/weekly-page                          ++--      ++++           ++--
POST   /directory/v1/programmes/{programme_id}/assurances                                 ++--      ++++           xxxx
"""  # noqa: E501 - a table
OF_PEOPLE = {it for it in Permission if it.startswith(("staff.", "account.", "officer."))}


@pytest.fixture
def made(client: TestClient, administrator: Headers) -> Mapping[Lies, dict[str, Any]]:
    """An organisation with a programme; what they are has no place here or elsewhere."""

    def organisation(code: str) -> dict[str, Any]:
        held: dict[str, Any] = post(
            client, "/organisations", SCHOOL | {"code": code}, administrator
        ).json()
        offer = OFFER | {"organisation_id": held["id"]}
        return held | {"programme": post(client, "/programmes", offer, administrator).json()["id"]}

    ours, theirs = organisation("ours"), organisation("theirs")
    return {lies: ours if lies.is_own else theirs for lies in THINGS}


def told(answer: Response) -> Mark:
    """An endpoint that was never registered, or was withdrawn, is there to be registered."""
    problem = answer.json().get("type", "")
    if problem.endswith((":endpoint-not-found", ":contact-point-not-found")):
        return Mark.REACHED
    return Mark.ABSENT if problem.endswith(":not-its-organisation") else told_by(answer)


def asks_of_pages(client: TestClient, made: Mapping[Lies, dict[str, Any]]) -> Mapping[str, Ask]:
    def page(lies: Lies) -> str:
        return f"{V1}/organisations/{made[lies]['id']}/weekly-page"

    def read(headers: Headers, lies: Lies) -> Mark:
        return told(client.get(page(lies), headers=headers))

    def want(headers: Headers, lies: Lies) -> Mark:
        return told(client.post(page(lies), json={"is_wanted": True}, headers=headers | key()))

    weekly = "/directory/v1/organisations/{organisation_id}/weekly-page"
    return {f"GET {weekly}": read, f"POST {weekly}": want}


@pytest.fixture
def asks(client: TestClient, made: Mapping[Lies, dict[str, Any]]) -> Mapping[str, Ask]:
    def endpoints(lies: Lies) -> str:
        return f"{V1}/organisations/{made[lies]['id']}/endpoints"

    def read(headers: Headers, lies: Lies) -> Mark:
        return told(client.get(endpoints(lies), headers=headers))

    def register(headers: Headers, lies: Lies) -> Mark:
        return told(client.post(endpoints(lies), json={"url": URL}, headers=headers | key()))

    def disable(headers: Headers, lies: Lies) -> Mark:
        return told(client.delete(f"{endpoints(lies)}/{uuid4()}", headers=headers | key()))

    def office(lies: Lies) -> str:
        return f"{V1}/organisations/{made[lies]['id']}/contact-points"

    def read_office(headers: Headers, lies: Lies) -> Mark:
        return told(client.get(office(lies), headers=headers))

    def register_office(headers: Headers, lies: Lies) -> Mark:
        body = {"mailbox": "van-phong@truong.edu.vn"}
        return told(client.post(office(lies), json=body, headers=headers | key()))

    def end_office(headers: Headers, lies: Lies) -> Mark:
        return told(client.delete(f"{office(lies)}/{uuid4()}", headers=headers | key()))

    def assure(headers: Headers, lies: Lies) -> Mark:
        place = f"{V1}/programmes/{made[lies]['programme']}/assurances"
        return told(client.post(place, json={}, headers=headers | key() | match(1)))

    one = "/directory/v1/organisations/{organisation_id}/endpoints"
    offices = "/directory/v1/organisations/{organisation_id}/contact-points"
    return {
        f"GET {one}": read,
        f"POST {one}": register,
        f"DELETE {one}/{{endpoint_id}}": disable,
        f"GET {offices}": read_office,
        f"POST {offices}": register_office,
        f"DELETE {offices}/{{contact_point_id}}": end_office,
        **asks_of_pages(client, made),
        "POST /directory/v1/programmes/{programme_id}/assurances": assure,
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], made: Mapping[Lies, dict[str, Any]], token_for: TokenFor
) -> None:
    us = made[THINGS[0]]["id"]

    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,), client_id=str(uuid4()))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_to_something_of_ones_own_is_a_line_of_the_table(client: TestClient) -> None:
    of_ones_own = {
        permission
        for permission, row in PERMISSIONS.items()
        if any(Scope.OWN in scopes for scopes in row.reach.values())
    }
    asking = {
        address
        for route in routes(client.app)  # type: ignore[arg-type]
        if {permission_asked_by(call) for call in calls_of(route)} & (of_ones_own - OF_PEOPLE)
        for address in addresses(route)
    }
    assert asking == expected(TABLE).keys()
