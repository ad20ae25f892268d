"""The audit of a case in livelihood support: of its plan, its needs, its referrals and offers."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.livelihood_support import api, domain
from services.livelihood_support.models import Plan
from shared.auditing.api import audit_routes
from shared.kit import audit
from shared.kit.database import Begin
from tests.audited import entries
from tests.conftest import NOON
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import BASE, Headers, TokenFor
from tests.livelihood_support.test_reach import Made, make
from tests.reaching import HERE, THERE


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, audit_routes(domain.TRAIL)]


@pytest.fixture
def auditor(token_for: TokenFor) -> Headers:
    return token_for("auditor", areas=(HERE,), client_id="auditor")


@pytest.fixture
def here(begin: Begin) -> Made:
    with begin() as session:
        return make(Field(session, NOON), uuid4(), HERE)


def test_every_thing_of_a_case_has_its_entries(
    client: TestClient, begin: Begin, here: Made, auditor: Headers
) -> None:
    with begin() as session:
        plan_id = session.scalars(select(Plan.id).where(Plan.case_id == here.case_id)).one()
        of_others = {"programme_id"}
        made = {name: thing for name, thing in vars(here).items() if name not in of_others}
        things: Mapping[str, UUID] = {**made, "plan_id": plan_id}
        for name, thing in things.items():
            audit.record(session, actor="test", action=name, object_id=thing, now=NOON)
        audit.record(session, actor="test", action="else", object_id=uuid4(), now=NOON)
    found = entries(client, BASE, auditor, here.case_id)
    told = {it["action"]: it["object_id"] for it in found if it["action"] in things}
    assert told == {name: str(thing) for name, thing in things.items()}
    assert {"plan.opened", "need.added", "referral.requested"} <= {it["action"] for it in found}
    assert "else" not in {it["action"] for it in found}


def test_a_partner_that_reads_its_offer_is_found(
    client: TestClient, begin: Begin, auditor: Headers, token_for: TokenFor
) -> None:
    us = uuid4()
    with begin() as session:
        made = make(Field(session, NOON), us, HERE)
    school = token_for("provider", organisation_id=us, client_id="school")
    assert client.get(f"{BASE}/referrals/{made.offer_id}", headers=school).status_code == 200
    newest = entries(client, BASE, auditor, made.case_id)[0]
    assert (newest["actor"], newest["object_id"]) == ("client:school", str(made.offer_id))


def test_a_case_of_another_area_has_none(
    client: TestClient, here: Made, token_for: TokenFor
) -> None:
    assert entries(client, BASE, token_for("auditor", areas=(THERE,)), here.case_id) == []
