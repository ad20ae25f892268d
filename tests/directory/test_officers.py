"""Who acts in cases of an organisation: its own people read it by name, intake by id alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from shared.contracts import OfficerChanged, Queue
from shared.kit.database import Database
from tests.directory.calls import V1, Headers, TokenFor, key, match, post, refused
from tests.directory.test_staff import MANAGED, NAME, School, changed, person, role
from tests.told import IN_OUTBOX

OWNER = role("case_owner")


@pytest.fixture
def owning(client: TestClient, administrator: Headers, token_for: TokenFor) -> School:
    """An organisation that owns cases, and its manager."""
    body = MANAGED | {"roles": [*MANAGED["roles"], OWNER]}
    made = post(client, "/organisations", body, administrator).json()
    first = {"user_name": "quan.ly", "display_name": "Lê Quản Lý"}
    appointed = post(client, f"/organisations/{made['id']}/manager", first, administrator).json()
    us, manager = UUID(made["id"]), UUID(appointed["staff_id"])
    return School(
        made["id"], str(manager), token_for("manager", organisation_id=us, staff_id=manager)
    )


def add(client: TestClient, owning: School, name: str, *roles: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = post(client, "/staff", person(name, *roles), owning.asks).json()
    return made


def change(client: TestClient, owning: School, body: Mapping[str, Any], **changes: Any) -> None:
    place = f"{V1}/staff/{body['id']}"
    sent = changed(dict(body), **changes)
    answer = client.put(place, json=sent, headers=owning.asks | key() | match(1))
    assert answer.status_code == 200, answer.text


def told(database: Database) -> list[OfficerChanged]:
    with database.read() as session:
        rows = session.execute(
            select(IN_OUTBOX.c.destination, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.type == OfficerChanged.type)
            .order_by(IN_OUTBOX.c.message_id)
        ).all()
    assert {row.destination for row in rows} <= {Queue.INTAKE}
    assert NAME not in str(rows)
    return [OfficerChanged.model_validate(row.body) for row in rows]


def test_colleagues_read_by_name_who_acts_in_cases_today_and_no_more(
    client: TestClient, owning: School, token_for: TokenFor
) -> None:
    acts = add(client, owning, "phu.trach", OWNER)
    add(client, owning, "day.hoc", role("provider"))
    add(client, owning, "da.thoi", OWNER | {"valid_to": "2026-01-01"})
    add(client, owning, "ngay.mai", OWNER | {"valid_from": "2026-03-03"})
    left = add(client, owning, "da.nghi", OWNER)
    change(client, owning, left, is_active=False)
    asks = token_for("case_owner", organisation_id=UUID(owning.id))
    listed = client.get(f"{V1}/officers", headers=asks)
    assert listed.status_code == 200, listed.text
    assert listed.json()["items"] == [{"id": acts["id"], "display_name": NAME}]
    stranger = token_for("case_owner")
    assert client.get(f"{V1}/officers", headers=stranger).json()["items"] == []
    for others in ("manager", "administrator", "verifier"):
        asks = token_for(others, organisation_id=UUID(owning.id))
        refused(client.get(f"{V1}/officers", headers=asks), 403, "role-missing")


def test_intake_is_told_by_id_who_acts_in_cases_and_who_does_no_more(
    client: TestClient, owning: School, database: Database
) -> None:
    add(client, owning, "day.hoc", role("provider"))
    assert told(database) == []
    first = add(client, owning, "phu.trach", OWNER, role("provider"))
    second = add(client, owning, "phu.trach.2", OWNER)
    change(client, owning, first, grants=[role("provider")])
    change(client, owning, second, is_active=False)
    said = told(database)
    assert [str(it.officer_id) for it in said] == [it["id"] for it in (first, second) * 2]
    assert {str(it.organisation_id) for it in said} == {owning.id}
    held = [[str(each.role) for each in it.roles] for it in said]
    assert held == [["case_owner"], ["case_owner"], [], ["case_owner"]]
    assert [it.is_active for it in said] == [True, True, True, False]
