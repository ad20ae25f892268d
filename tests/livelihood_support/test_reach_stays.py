"""Which stays there are for whom, by every route of stays: no school, bank or receiver has one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.livelihood_support.api import stays
from services.livelihood_support.models import Stay
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from shared.kit.database import Begin
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import Headers
from tests.livelihood_support.reach_table import ALL, ANNOUNCING, ONE
from tests.livelihood_support.reach_table import STAYS as TABLE
from tests.livelihood_support.test_stays import announce, facility
from tests.reaching import HERE, THINGS, Ask, Lies, among, expected, shown, told_by, unlisted


@pytest.fixture
def routers() -> list[APIRouter]:
    return [stays.router]


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, now: datetime, us: UUID) -> Mapping[Lies, Stay]:
    """One stay in one case of each kind: its own are those in our facility."""
    made = {}
    with begin() as session:
        field = Field(session, now)
        for lies in THINGS:
            house = us if lies.is_own else uuid4()
            facility(field, organisation_id=house)
            case_id = field.case(requested=(), area_code=lies.area)
            made[lies] = announce(field, case_id, facility_id=house)
        session.flush()
        session.expunge_all()
    return made


@pytest.fixture
def asks(client: TestClient, made: Mapping[Lies, Stay], now: datetime) -> Mapping[str, Ask]:
    def by_get(address: str) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Any:
            return told_by(client.get(address.format(stay_id=made[lies].id), headers=headers))

        return ask

    def by_post(address: str, body: dict[str, Any]) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Any:
            extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"99"'}
            place = address.format(stay_id=made[lies].id, case_id=made[lies].case_id)
            return told_by(client.post(place, json=body, headers=headers | extra))

        return ask

    def listed(headers: Headers, lies: Lies) -> Any:
        return among(client.get(ALL, headers=headers), made[lies].id)

    return {
        f"POST {ANNOUNCING}": by_post(ANNOUNCING, {"expected_on": str(local_date(now))}),
        f"GET {ALL}": listed,
        f"GET {ONE}": by_get(ONE),
        f"GET {ONE}/moves": by_get(f"{ONE}/moves"),
        f"POST {ONE}/moves": by_post(f"{ONE}/moves", {"move": "cancel"}),
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: Callable[..., Headers]
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    assert unlisted(client.app, TABLE) == set()  # type: ignore[arg-type]
