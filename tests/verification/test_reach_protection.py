"""Which requests for protection there are for whom, by every route of protection."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.verification.api import protections, targets
from services.verification.models import Protection
from shared.contracts.vocabulary import Role
from shared.kit.database import Begin
from tests.reaching import HERE, THERE, THINGS, Ask, Lies, among, expected, shown, told_by, unlisted
from tests.verification.builders import Bench, reader_of, verifier

V1 = "/verification/v1"
ASKING = f"{V1}/cases/{{case_id}}/protections"
TARGETS = f"{V1}/targets"
ALL, ONE = f"{V1}/protections", f"{V1}/protections/{{protection_id}}"
Headers = dict[str, str]

TABLE = f"""
                    receiver verifier case_owner protector auditor others
POST {ASKING}       ++--     ++--     +-+-       xxxx      xxxx    xxxx
GET  {ALL}          ++--     ++--     +++-       ++--      xxxx    xxxx
GET  {ONE}          ++--     ++--     +++-       ++--      xxxx    xxxx
GET  {ONE}/moves    ++--     ++--     +++-       ++--      xxxx    xxxx
POST {ONE}/moves    xxxx     xxxx     +-+-       ++--      xxxx    xxxx
GET  {TARGETS}      xxxx     xxxx     +-+-       xxxx      +-+-    xxxx
"""
"""What a case owner has asked for elsewhere it reads, and moves no more."""


@pytest.fixture
def routers() -> list[APIRouter]:
    return [protections.router, targets.router]


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, now: datetime, us: UUID) -> Mapping[Lies, Protection]:
    """One request in one case of each kind: its own were received, asked and protected by us."""
    made = {}
    with begin() as session:
        bench = Bench(session, now)
        bench.organisation(verifier(HERE), verifier(THERE))
        for lies in THINGS:
            whose = us if lies.is_own else uuid4()
            case = bench.opened(area_code=lies.area, receiver_id=whose)
            case.verifier_id = whose
            asked = bench.ask_protection(case, reader_of(whose, Role.RECEIVER))
            asked.protector_id, asked.look_again_at = whose, None
            made[lies] = asked
        session.flush()
        session.expunge_all()
    return made


@pytest.fixture
def asks(client: TestClient, made: Mapping[Lies, Protection]) -> Mapping[str, Ask]:
    def by_get(address: str) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Any:
            place = address.format(protection_id=made[lies].id)
            return told_by(client.get(place, headers=headers))

        return ask

    def by_post(address: str, body: dict[str, Any]) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Any:
            extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"99"'}
            found = made[lies]
            place = address.format(protection_id=found.id, case_id=found.case_id)
            return told_by(client.post(place, json=body, headers=headers | extra))

        return ask

    def listed(headers: Headers, lies: Lies) -> Any:
        return among(client.get(ALL, headers=headers), made[lies].id)

    def excepted(headers: Headers, lies: Lies) -> Any:
        return among(client.get(TARGETS, headers=headers), made[lies].id, "protection_id")

    return {
        f"POST {ASKING}": by_post(ASKING, {"measures": ["secrecy"]}),
        f"GET {ALL}": listed,
        f"GET {ONE}": by_get(ONE),
        f"GET {ONE}/moves": by_get(f"{ONE}/moves"),
        f"GET {TARGETS}": excepted,
        f"POST {ONE}/moves": by_post(f"{ONE}/moves", {"move": "end"}),
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: Callable[..., Headers]
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    assert unlisted(client.app, TABLE) == set()  # type: ignore[arg-type]
