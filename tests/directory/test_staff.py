"""Accounts of people over HTTP, on real commits: a manager makes those of one organisation."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from services.directory.models import Staff
from services.directory.policy import Named, StaffVault
from shared.kit.audit import AUDIT
from shared.kit.crypto import Unreadable
from shared.kit.database import Database
from tests.directory.builders import CLIENT_ID, Signer
from tests.directory.calls import SCHOOL, V1, Headers, TokenFor, key, match, post, refused
from tests.directory.test_api_clients import is_anywhere

NAME, USER_NAME = "Nguyễn Thị Chim Báo", "chim.bao"
SINCE = "2020-02-12"


def role(name: str = "provider", area: str = "31", **days: str) -> dict[str, str]:
    return {"role": name, "area_code": area, "valid_from": SINCE, **days}


MANAGED = {**SCHOOL, "roles": [role(), role("manager")]}


def person(user_name: str = USER_NAME, *roles: dict[str, str], **changes: Any) -> dict[str, Any]:
    told = {"user_name": user_name, "display_name": NAME, "grants": list(roles) or [role()]}
    return {**told, **changes}


def changed(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An account as a change states it."""
    kept = {name: body[name] for name in ("display_name", "is_active", "grants")}
    return {**kept, **changes}


@dataclass(frozen=True)
class School:
    """An organisation with its first manager, who asks."""

    id: str
    manager_id: str
    asks: Headers


@pytest.fixture
def managed(client: TestClient, administrator: Headers, token_for: TokenFor) -> School:
    made = post(client, "/organisations", MANAGED, administrator).json()
    first = {"user_name": "quan.ly", "display_name": "Lê Quản Lý"}
    appointed = post(client, f"/organisations/{made['id']}/manager", first, administrator).json()
    asks = token_for(
        "manager",
        organisation_id=UUID(made["id"]),
        kind="vocational_school",
        staff_id=UUID(appointed["staff_id"]),
    )
    return School(made["id"], appointed["staff_id"], asks)


def test_a_manager_gives_a_person_an_account_changes_it_and_reads_it(
    client: TestClient, managed: School
) -> None:
    made = post(client, "/staff", person(), managed.asks)
    body, place = made.json(), made.headers["location"]
    assert (body["user_name"], body["display_name"]) == (USER_NAME, NAME)
    assert body["organisation_id"] == managed.id
    assert client.get(place, headers=managed.asks).json() == body
    stop = changed(body, display_name="Tên mới", is_active=False)
    answer = client.put(place, json=stop, headers=managed.asks | key() | match(1))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["display_name"], answer.json()["user_name"]) == ("Tên mới", USER_NAME)
    assert client.get(place, headers=managed.asks).json() == answer.json()
    listed = client.get(f"{V1}/staff", headers=managed.asks).json()["items"]
    assert [each["user_name"] for each in listed] == ["quan.ly", USER_NAME]
    stale = client.put(place, json=stop, headers=managed.asks | key() | match(1))
    refused(stale, 412, "version-changed")


def test_an_answer_is_repeated_with_the_names_that_it_was_not_kept_with(
    client: TestClient, managed: School, database: Database
) -> None:
    headers = managed.asks | key("once")
    first = client.post(f"{V1}/staff", json=person(), headers=headers)
    assert first.status_code == 201
    assert client.post(f"{V1}/staff", json=person(), headers=headers).json() == first.json()
    with database.read() as session:
        assert session.scalars(select(func.count()).select_from(Staff)).one() == 2


def test_the_names_of_people_are_in_no_table_no_log_and_no_refusal(
    client: TestClient, managed: School, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    made = post(client, "/staff", person(), managed.asks).json()
    again = client.post(f"{V1}/staff", json=person(), headers=managed.asks | key())
    refused(again, 409, "user-name-taken")
    beyond = person("khac", role("verifier"))
    refusal = client.post(f"{V1}/staff", json=beyond, headers=managed.asks | key())
    refused(refusal, 422, "grant-beyond-organisation")
    wrong = client.post(
        f"{V1}/staff", json=person(grants=[{"role": NAME}]), headers=managed.asks | key()
    )
    refused(wrong, 422, "invalid-request")
    written = "".join(capfd.readouterr()) + again.text + refusal.text + wrong.text
    for word in (NAME, "Chim Báo", USER_NAME):
        assert word not in written
        with database.read() as session:
            assert is_anywhere(session, word) is False
            assert is_anywhere(session, word.encode().hex()) is False
    with database.read() as session:
        assert is_anywhere(session, made["id"]) is True


def test_a_name_opens_in_its_own_row_only(vault: StaffVault) -> None:
    mine, other = uuid4(), uuid4()
    sealed = vault.seal(Named(USER_NAME, NAME), staff_id=mine)
    assert vault.open(sealed, staff_id=mine) == Named(USER_NAME, NAME)
    with pytest.raises(Unreadable):
        vault.open(sealed, staff_id=other)
    with pytest.raises(Unreadable):
        StaffVault.of("b8" * 32).open(sealed, staff_id=mine)


def test_who_manages_another_organisation_finds_nobody_here(
    client: TestClient, managed: School, token_for: TokenFor
) -> None:
    made = post(client, "/staff", person(), managed.asks)
    place = made.headers["location"]
    stranger = token_for("manager", "administrator", "operator", "auditor", staff_id=uuid4())
    assert client.get(f"{V1}/staff", headers=stranger).json()["items"] == []
    refused(client.get(place, headers=stranger), 404, "staff-not-found")
    change = changed(made.json())
    # Not even the organisation of whoever asks is there, so nothing tells of this account.
    answer = client.put(place, json=change, headers=stranger | key() | match(1))
    assert answer.status_code == 404
    assert client.get(place, headers=managed.asks).json() == made.json()


@pytest.mark.parametrize("others", ["administrator", "operator", "auditor", "provider"])
def test_only_a_manager_reads_and_changes_accounts(
    client: TestClient, managed: School, token_for: TokenFor, others: str
) -> None:
    place = post(client, "/staff", person(), managed.asks).headers["location"]
    asks = token_for(others, organisation_id=UUID(managed.id))
    refused(client.get(f"{V1}/staff", headers=asks), 403, "role-missing")
    refused(client.get(place, headers=asks), 403, "role-missing")
    refused(
        client.post(f"{V1}/staff", json=person("khac"), headers=asks | key()), 403, "role-missing"
    )


def test_an_administrator_makes_the_first_manager_and_no_other_account(
    client: TestClient, managed: School, administrator: Headers
) -> None:
    place = f"{V1}/organisations/{managed.id}/manager"
    second = {"user_name": "thu.hai", "display_name": "Người thứ hai"}
    refused(client.post(place, json=second, headers=administrator | key()), 409, "manager-there")


CONFIRMED = {"post": "Hiệu trưởng", "confirmed_on": "2026-02-27", "reference": "15/CV-CĐKT"}


def test_an_administrator_makes_another_manager_once_no_manager_can_act(
    client: TestClient, managed: School, administrator: Headers, database: Database
) -> None:
    place = f"{V1}/organisations/{managed.id}/manager"
    other = {"user_name": "thu.hai", "display_name": "Người thứ hai"}
    later = other | {"confirmation": CONFIRMED | {"confirmed_on": "2026-03-03"}}
    refused(client.post(place, json=later, headers=administrator | key()), 422, "confirmed-later")
    confirmed = other | {"confirmation": CONFIRMED}
    made = client.post(place, json=confirmed, headers=administrator | key())
    assert made.status_code == 201, made.text
    assert made.json()["code"]
    with database.read() as session:
        entries = session.execute(
            select(AUDIT.c.object_id, AUDIT.c.facts).where(
                AUDIT.c.action == "staff.manager_appointed"
            )
        ).all()
    told = {str(entry.object_id): entry.facts for entry in entries}
    assert set(told) == {managed.manager_id, made.json()["staff_id"]}, "both read of it"
    for facts in told.values():
        assert facts == CONFIRMED | {"organisation_id": managed.id}
    listed = client.get(f"{V1}/staff", headers=managed.asks).json()["items"]
    assert {each["id"] for each in listed} == set(told)
    assert all(each["is_active"] for each in listed), "whether the former ends is theirs to say"


def test_nobody_is_the_first_manager_of_an_organisation_that_does_not_hold_the_role(
    client: TestClient, school: dict[str, Any], administrator: Headers
) -> None:
    place = f"{V1}/organisations/{school['id']}/manager"
    first = {"user_name": "quan.ly", "display_name": "Lê Quản Lý"}
    refused(
        client.post(place, json=first, headers=administrator | key()), 409, "manager-role-missing"
    )


def test_the_last_manager_neither_leaves_nor_is_deactivated(
    client: TestClient, managed: School
) -> None:
    place = f"{V1}/staff/{managed.manager_id}"
    body = client.get(place, headers=managed.asks).json()
    for leaving in (
        changed(body, is_active=False),
        changed(body, grants=[]),
        changed(body, grants=[{**body["grants"][0], "valid_to": "2026-12-31"}]),
    ):
        answer = client.put(place, json=leaving, headers=managed.asks | key() | match(1))
        refused(answer, 409, "last-manager-leaves")
    post(client, "/staff", person("thay.the", role("manager")), managed.asks)
    stop = changed(body, is_active=False)
    answer = client.put(place, json=stop, headers=managed.asks | key() | match(1))
    assert answer.status_code == 200, answer.text


def test_two_managers_who_end_each_other_at_once_leave_one(
    client: TestClient, managed: School
) -> None:
    other = post(client, "/staff", person("thay.the", role("manager")), managed.asks).json()
    first = client.get(f"{V1}/staff/{managed.manager_id}", headers=managed.asks).json()

    def end(body: dict[str, Any]) -> int:
        return client.put(
            f"{V1}/staff/{body['id']}",
            json=changed(body, is_active=False),
            headers=managed.asks | key() | match(1),
        ).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, [first, other])) == [200, 409]


def test_the_audit_says_by_id_who_gave_whom_what(
    client: TestClient, managed: School, database: Database
) -> None:
    made = post(client, "/staff", person(), managed.asks).json()
    with database.read() as session:
        entry = session.execute(
            select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.facts).where(
                AUDIT.c.object_id == UUID(made["id"])
            )
        ).one()
    assert (entry.actor, entry.action) == (f"staff:{managed.manager_id}", "staff.registered")
    assert entry.facts["grants"] == [["provider", "31", SINCE, None]]


def test_a_system_of_an_organisation_is_never_its_manager(
    client: TestClient, managed: School, administrator: Headers, signer: Signer
) -> None:
    system = {
        "client_id": CLIENT_ID,
        "organisation_id": managed.id,
        "public_jwk": signer.public_jwk,
    }
    post(client, "/clients", system, administrator)
    granted = client.post(f"{V1}/token", **signer.form())
    assert granted.json()["scope"] == "provider"
    asked = client.post(f"{V1}/token", **signer.form(scope="manager"))
    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("user_name", ["", "ab c", "Chim", "chim.báo", "a" * 41, "-ab", "ab-"])
def test_a_user_name_is_typed_alike_on_every_keyboard(
    client: TestClient, managed: School, user_name: str
) -> None:
    answer = client.post(f"{V1}/staff", json=person(user_name), headers=managed.asks | key())
    refused(answer, 422, "invalid-request")
