"""A session becomes a token of a person (RFC 8693), with the real clock, the whole way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update

from services.directory import api
from services.directory.models import Organisation, OrganisationRole, StaffGrant, StaffSession
from services.directory.policy import StaffVault
from services.directory.policy.tokens import ACCESS_TOKEN
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.auth import TokenVerifier
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from tests.directory.builders import RULES
from tests.directory.calls import V1, Headers, TokenFor, key, match, refused
from tests.directory.desks import (
    Desk,
    claims_of,
    client,
    console,
    desk,
    entered,
    open_for,
    over,
    receiver,
)
from tests.directory.people import (
    NAME,
    OTHER_PASSWORD,
    Console,
    Somebody,
    later,
    of,
    take_in,
)

__all__ = ["client", "console", "desk", "entered", "receiver"]


def test_a_session_becomes_a_token_of_a_minute_for_the_person(
    desk: Desk, entered: str, receiver: Somebody, verifier: TokenVerifier
) -> None:
    answer = desk.exchange(entered)
    body = answer.json()
    assert body["issued_token_type"] == ACCESS_TOKEN
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 60, "receiver")
    claims = claims_of({"Authorization": f"Bearer {body['access_token']}"})
    assert claims["sub"] == str(receiver.staff.id)
    assert claims["act"] == {"sub": "bang-lam-viec"}
    assert claims["exp"] - claims["iat"] == 60
    subject = verifier.verify(body["access_token"])
    assert subject.actor == f"staff:{receiver.staff.id}"
    assert subject.organisation_id == receiver.staff.organisation_id
    assert {(it.role, it.area) for it in subject.grants} == {("receiver", "31")}
    assert list(subject.means) == ["pwd"]
    assert NAME not in str(claims)
    assert receiver.user_name not in str(claims)


def test_a_person_is_judged_as_any_client_is(client: TestClient, desk: Desk, entered: str) -> None:
    bearer = desk.bearer(entered)
    assert client.get(f"{V1}/organisations", headers=bearer).status_code == 200
    refused(client.get(f"{V1}/staff", headers=bearer), 403, "role-missing")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONSOLE], ids=str)
def test_no_client_but_a_console_asks_in_the_name_of_a_person(
    client: TestClient, database: Database, entered: str, role: Role
) -> None:
    answer = Desk(client, open_for(database, role, "ai-do")).exchange(entered)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "fields",
    [
        {"subject_token": ""},
        {"subject_token": "x" * 65},
        {"subject_token_type": ACCESS_TOKEN},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"subject_token": "no-such-session"},
    ],
)
def test_what_is_no_session_is_exchanged_for_nothing(
    desk: Desk, entered: str, fields: dict[str, str]
) -> None:
    over(desk.exchange(entered, **fields))


def test_a_half_log_in_is_exchanged_for_nothing(
    desk: Desk, console: Console, database: Database, vault: StaffVault
) -> None:
    somebody = take_in(database, vault, Role.VERIFIER, user_name="xac.minh")
    over(desk.exchange(of(console.redeem(somebody.link), "set_up")["log_in"]))


def test_a_session_ends_twenty_minutes_after_it_was_used_last(
    desk: Desk, entered: str, database: Database
) -> None:
    later(database, timedelta(minutes=19))
    desk.bearer(entered)
    later(database, timedelta(minutes=19))
    desk.bearer(entered)
    later(database, timedelta(minutes=21))
    over(desk.exchange(entered))


def test_a_session_ends_after_eight_hours_however_much_it_is_used(
    desk: Desk, entered: str, database: Database
) -> None:
    for _ in range(24):
        later(database, timedelta(minutes=19))
        desk.bearer(entered)
    later(database, timedelta(minutes=19))
    desk.bearer(entered)
    later(database, timedelta(minutes=6))
    over(desk.exchange(entered))


def test_a_revoked_session_gets_no_new_token_at_once(
    client: TestClient, desk: Desk, console: Console, entered: str
) -> None:
    other = str(of(console.log_in("chim.bao"), "done")["session"])
    bearer = desk.bearer(entered)
    listed = client.get(f"{V1}/me/sessions", headers=bearer).json()["items"]
    assert [each["is_this"] for each in listed] == [False, True]
    place = f"{V1}/me/sessions/{listed[0]['id']}"
    assert client.delete(place, headers=bearer | key()).status_code == 200
    over(desk.exchange(other))
    desk.bearer(entered)
    refused(client.delete(place, headers=bearer | key()), 404, "session-not-found")
    assert len(client.get(f"{V1}/me/sessions", headers=bearer).json()["items"]) == 1


def test_nobody_ends_a_session_of_somebody_else(
    *,
    client: TestClient,
    desk: Desk,
    console: Console,
    entered: str,
    database: Database,
    vault: StaffVault,
) -> None:
    other = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    theirs = of(console.redeem(other.link), "done")
    place = f"{V1}/me/sessions/{theirs['session_id']}"
    bearer = desk.bearer(entered)
    refused(client.delete(place, headers=bearer | key()), 404, "session-not-found")
    desk.bearer(theirs["session"])


def manager_of(somebody: Somebody, token_for: TokenFor) -> Headers:
    return token_for(
        "manager", organisation_id=somebody.staff.organisation_id, staff_id=UUID(int=7)
    )


def test_a_deactivated_person_is_out_at_once_and_a_link_brings_nobody_in(
    *,
    client: TestClient,
    desk: Desk,
    console: Console,
    entered: str,
    receiver: Somebody,
    token_for: TokenFor,
) -> None:
    manager = manager_of(receiver, token_for)
    place = f"{V1}/staff/{receiver.staff.id}"
    body = client.get(place, headers=manager).json()
    kept = {name: body[name] for name in ("display_name", "grants")}
    stop = {**kept, "is_active": False}
    answer = client.put(place, json=stop, headers=manager | key() | match(1))
    assert answer.status_code == 200
    over(desk.exchange(entered))
    refused(console.log_in("chim.bao"), 403, "log-in-refused")
    link = client.post(f"{place}/links", json={}, headers=manager | key())
    refused(link, 409, "staff-inactive")
    again = {**kept, "is_active": True}
    client.put(place, json=again, headers=manager | key() | match(2))
    over(desk.exchange(entered))


def test_a_manager_resets_a_password_and_all_sessions_end(
    *,
    client: TestClient,
    desk: Desk,
    console: Console,
    entered: str,
    receiver: Somebody,
    token_for: TokenFor,
) -> None:
    manager = manager_of(receiver, token_for)
    place = f"{V1}/staff/{receiver.staff.id}/links"
    headers = manager | key("once")
    made = client.post(place, json={"purpose": "password"}, headers=headers)
    assert made.status_code == 201, made.text
    repeated = client.post(place, json={"purpose": "password"}, headers=headers)
    assert repeated.json() == made.json(), "the code is shown again under the same key"
    over(desk.exchange(entered))
    newer = client.post(place, json={"purpose": "password"}, headers=manager | key()).json()
    assert newer["code"] != made.json()["code"]
    refused(console.redeem(made.json()["code"], OTHER_PASSWORD), 403, "link-not-valid")
    of(console.redeem(newer["code"], OTHER_PASSWORD), "done")
    refused(console.log_in("chim.bao"), 403, "log-in-refused")
    stranger = token_for("manager", staff_id=UUID(int=8))
    assert client.post(place, json={}, headers=stranger | key()).status_code == 404


def test_what_the_organisation_loses_its_people_lose_at_once(
    desk: Desk, entered: str, database: Database
) -> None:
    assert claims_of(desk.bearer(entered))["grants"] == [["receiver", "31"]]
    with database.begin() as session:
        lost = delete(OrganisationRole).where(OrganisationRole.role == Role.RECEIVER)
        session.execute(lost)
    answer = desk.exchange(entered)
    assert "scope" not in answer.json()


def test_a_grant_that_is_over_is_in_no_token(desk: Desk, entered: str, database: Database) -> None:
    with database.begin() as session:
        session.execute(update(StaffGrant).values(valid_to=date(2026, 1, 1)))
    assert claims_of(desk.bearer(entered))["grants"] == []


def test_a_role_that_needs_a_second_factor_is_in_no_token_without_one(
    desk: Desk, entered: str, database: Database, receiver: Somebody
) -> None:
    """It was given after the log-in: the person logs in again to act in it."""
    with database.begin() as session:
        session.add(
            OrganisationRole(
                organisation_id=receiver.staff.organisation_id,
                role=Role.VERIFIER,
                area_code="31",
                valid_from=date(2020, 1, 1),
            )
        )
        session.add(
            StaffGrant(
                staff_id=receiver.staff.id,
                role=Role.VERIFIER,
                area_code="31",
                valid_from=date(2020, 1, 1),
            )
        )
    assert claims_of(desk.bearer(entered))["grants"] == [["receiver", "31"]]


def test_a_sandbox_asks_for_no_second_factor_and_says_so(
    *,
    database: Database,
    verifier: TokenVerifier,
    resources: Mapping[str, Any],
    vault: StaffVault,
    token_for: TokenFor,
    desk: Desk,
) -> None:
    lax = replace(RULES, is_second_factor_required=False)
    edge = Edge(
        service="directory",
        title="Directory",
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: datetime.now(UTC),
    )
    made = create_api(edge, [api.router], **{**resources, "log_in_rules": lax})
    somebody = take_in(database, vault, Role.VERIFIER, user_name="xac.minh")
    with TestClient(made) as client:
        console = Console(client, token_for("console"))
        done = of(console.redeem(somebody.link), "done")
        assert done["second_factor_required"] is False
        sandbox = Desk(client, desk.signer)
        bearer = sandbox.bearer(done["session"])
        assert claims_of(bearer)["grants"] == [["verifier", "31"]]
        assert client.get(f"{V1}/me", headers=bearer).json()["second_factor_required"] is False


def test_a_scope_narrows_what_the_person_may_act_in(desk: Desk, entered: str) -> None:
    assert desk.exchange(entered, scope="receiver").json()["scope"] == "receiver"
    answer = desk.exchange(entered, scope="verifier")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_what_a_person_does_is_audited_under_their_id(
    client: TestClient, desk: Desk, entered: str, receiver: Somebody, database: Database
) -> None:
    bearer = desk.bearer(entered)
    url = {"url": "https://xa.hai-phong.gov.vn/hooks"}
    place = f"{V1}/organisations/{receiver.staff.organisation_id}/endpoints"
    assert client.post(place, json=url, headers=bearer | key()).status_code == 201
    with database.read() as session:
        actors = session.scalars(
            select(AUDIT.c.actor).where(AUDIT.c.action == "endpoint.registered")
        ).all()
    assert actors == [f"staff:{receiver.staff.id}"]


def test_a_token_of_a_session_is_kept_nowhere(entered: str, database: Database) -> None:
    with database.read() as session:
        (digest,) = session.scalars(select(StaffSession.token_digest)).all()
    assert entered.encode() not in digest
    assert len(digest) == 32


def test_an_organisation_that_is_no_more_has_nobody_logged_in(
    desk: Desk, entered: str, database: Database, receiver: Somebody
) -> None:
    with database.begin() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == receiver.staff.organisation_id)
            .values(is_active=False)
        )
    over(desk.exchange(entered))
