"""Logging in over HTTP, on real commits: step by step."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from services.directory.models import (
    Organisation,
    Staff,
    StaffCredentials,
    StaffSession,
)
from services.directory.policy import StaffVault
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.database import Database
from tests.directory.calls import V1, TokenFor, refused
from tests.directory.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Console,
    Somebody,
    code_of,
    guess,
    later,
    of,
    outcomes,
    take_in,
    wrong,
)
from tests.directory.test_api_clients import is_anywhere


def test_a_link_gives_a_password_and_a_session_to_whoever_needs_no_more(
    database: Database, vault: StaffVault, console: Console
) -> None:
    somebody = take_in(database, vault, Role.RECEIVER)
    answer = of(console.redeem(somebody.link), "done")
    assert answer["session"]
    assert answer["second_factor_required"] is True
    assert of(console.log_in("CHIM.BAO"), "done")["session"] != answer["session"]


def test_a_link_works_once(console: Console, receiver: Somebody) -> None:
    refused(console.redeem(receiver.link, OTHER_PASSWORD), 403, "link-not-valid")
    wrong(console.log_in("chim.bao", OTHER_PASSWORD))


def test_a_password_that_is_refused_uses_no_link_up(
    database: Database, vault: StaffVault, console: Console
) -> None:
    somebody = take_in(database, vault, Role.RECEIVER)
    refused(console.redeem(somebody.link, "ngắn"), 422, "password-too-short")
    refused(console.redeem(somebody.link, "matkhau123456"), 422, "password-common")
    of(console.redeem(somebody.link), "done")


def test_a_mistyped_link_is_told_before_anything_is_looked_up(console: Console) -> None:
    refused(console.redeem("AAAAAA-AAAAAA-AAAAAA"), 422, "code-mistyped")


def test_a_link_is_over_when_its_time_is(
    database: Database, vault: StaffVault, console: Console
) -> None:
    somebody = take_in(database, vault, Role.RECEIVER)
    with database.begin() as session:
        session.execute(update(StaffCredentials).values(link_expires_at=func.now()))
    refused(console.redeem(somebody.link), 403, "link-not-valid")


def test_whoever_decides_shows_a_code_after_the_password(
    console: Console, verifier_of_cases: Somebody
) -> None:
    begun = of(console.log_in("xac.minh"), "second_factor")
    assert begun["session"] is None
    wrong(console.second(begun["log_in"], "000000"))
    done = of(console.second(begun["log_in"], code_of(verifier_of_cases.secret)), "done")
    assert done["session"] not in {None, begun["log_in"]}
    assert done["recovery_codes"] == []


def test_a_step_cannot_be_taken_twice(console: Console, verifier_of_cases: Somebody) -> None:
    begun = of(console.log_in("xac.minh"), "second_factor")
    of(console.second(begun["log_in"], code_of(verifier_of_cases.secret)), "done")
    wrong(console.second(begun["log_in"], code_of(verifier_of_cases.secret, periods=1)))


def test_a_code_of_the_app_is_used_once_by_whoever_comes_first(
    console: Console, verifier_of_cases: Somebody
) -> None:
    code = code_of(verifier_of_cases.secret)
    steps = [of(console.log_in("xac.minh"), "second_factor")["log_in"] for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda step: console.second(step, code), steps))
    assert sorted(each.status_code for each in answers) == [200, 403, 403]


def test_a_recovery_code_is_used_once(console: Console, verifier_of_cases: Somebody) -> None:
    code = verifier_of_cases.recovery_codes[0]
    assert len(set(verifier_of_cases.recovery_codes)) == 10
    begun = of(console.log_in("xac.minh"), "second_factor")
    of(console.second(begun["log_in"], code.lower()), "done")
    again = of(console.log_in("xac.minh"), "second_factor")
    wrong(console.second(again["log_in"], code))


def test_a_half_log_in_ends_after_ten_minutes(
    console: Console, verifier_of_cases: Somebody, database: Database
) -> None:
    begun = of(console.log_in("xac.minh"), "second_factor")
    later(database, timedelta(minutes=10))
    wrong(console.second(begun["log_in"], code_of(verifier_of_cases.secret)))


def test_an_app_that_is_set_up_again_under_way_makes_the_former_secret_worthless(
    database: Database, vault: StaffVault, console: Console
) -> None:
    somebody = take_in(database, vault, Role.VERIFIER)
    seen = of(console.redeem(somebody.link), "set_up")
    known = seen["device_token"]
    begun = of(console.log_in("chim.bao", device_token=known), "set_up")
    former = base64.b32decode(seen["authenticator"]["secret"])
    wrong(console.second(begun["log_in"], code_of(former)))
    present = base64.b32decode(begun["authenticator"]["secret"])
    of(console.second(begun["log_in"], code_of(present)), "done")


def test_whoever_only_knows_the_password_sets_up_no_app(
    database: Database, vault: StaffVault, console: Console
) -> None:
    somebody = take_in(database, vault, Role.VERIFIER)
    seen = of(console.redeem(somebody.link), "set_up")
    refused(console.log_in("chim.bao"), 403, "app-not-set-up")
    refused(console.log_in("chim.bao", device_token="another"), 403, "app-not-set-up")
    assert outcomes(database, somebody) == ["not_set_up"], "of repeats a few are entries"
    begun = of(console.log_in("chim.bao", device_token=seen["device_token"]), "set_up")
    assert begun["device_token"] is None
    present = base64.b32decode(begun["authenticator"]["secret"])
    of(console.second(begun["log_in"], code_of(present)), "done")


def test_codes_of_links_that_are_none_are_counted_by_their_source(
    console: Console, receiver: Somebody, database: Database, vault: StaffVault
) -> None:
    newcomer = take_in(database, vault, Role.RECEIVER, user_name="moi.vao")
    for _ in range(20):
        refused(console.redeem(receiver.link), 403, "link-not-valid")
    wrong(console.redeem(receiver.link))
    of(console.redeem(newcomer.link), "done")
    console.source = "198.51.100.9"
    refused(console.redeem(receiver.link), 403, "link-not-valid")
    with database.read() as session:
        ended = select(AUDIT.c.outcome).where(AUDIT.c.action == "account.log_in")
        noted = session.scalars(ended.order_by(AUDIT.c.id)).all()
    assert noted == ["done", "wrong_link", "wrong_link", "waiting", "done"]


def test_a_right_code_of_a_link_is_not_counted_whatever_the_password(
    console: Console, database: Database, vault: StaffVault
) -> None:
    somebody = take_in(database, vault, Role.RECEIVER)
    for _ in range(25):
        refused(console.redeem(somebody.link, "ngắn"), 422, "password-too-short")
    of(console.redeem(somebody.link), "done")


def test_nobody_learns_from_an_answer_what_was_wrong(
    console: Console,
    receiver: Somebody,
    verifier_of_cases: Somebody,
    database: Database,
    vault: StaffVault,
) -> None:
    take_in(database, vault, Role.RECEIVER, user_name="moi.vao")
    wrong(console.log_in("khong.co"))
    wrong(console.log_in("moi.vao"))
    wrong(console.log_in("chim.bao", OTHER_PASSWORD))
    wrong(console.log_in("xac.minh", code="000000"))
    guess(console, "chim.bao", 6)
    wrong(console.log_in("chim.bao"))


@pytest.mark.parametrize("table", [Staff, Organisation])
def test_who_is_not_active_does_not_get_in(
    console: Console, receiver: Somebody, database: Database, table: type[Staff | Organisation]
) -> None:
    with database.begin() as session:
        session.execute(update(table).values(is_active=False))
    wrong(console.log_in("chim.bao"))


def test_only_a_console_lets_people_log_in(client: TestClient, token_for: TokenFor) -> None:
    for role in ("administrator", "operator", "manager", "receiver"):
        asks = Console(client, token_for(role))
        refused(asks.log_in("chim.bao"), 403, "role-missing")
        refused(asks.redeem("x"), 403, "role-missing")
    refused(Console(client, {}).log_in("chim.bao"), 401, "unauthenticated")


def test_the_rules_of_logging_in_are_told(client: TestClient, console: Console) -> None:
    rules = client.get(f"{V1}/log-ins/rules", headers=console.headers).json()
    assert rules == {
        "second_factor_required": True,
        "shortest_password": 12,
        "idle_minutes": 20,
        "longest_hours": 8,
    }


def test_nothing_that_opens_an_account_is_in_a_table_or_a_log(
    console: Console,
    verifier_of_cases: Somebody,
    database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:
    begun = of(console.log_in("xac.minh"), "second_factor")
    code = code_of(verifier_of_cases.secret)
    done = of(console.second(begun["log_in"], code), "done")
    wrong(console.log_in("xac.minh", OTHER_PASSWORD))
    written = "".join(capfd.readouterr())
    for secret in (
        *(PASSWORD, OTHER_PASSWORD, "xac.minh", console.source, verifier_of_cases.link),
        *(done["session"], begun["log_in"], verifier_of_cases.device_token, code),
        *(verifier_of_cases.secret.hex(), verifier_of_cases.recovery_codes[0]),
        verifier_of_cases.recovery_codes[0].replace("-", ""),
    ):
        assert secret not in written
        with database.read() as session:
            assert is_anywhere(session, secret) is False


def test_a_session_that_is_logged_out_is_over_and_so_is_one_of_nobody(
    console: Console, receiver: Somebody, database: Database
) -> None:
    session_token = of(console.log_in("chim.bao"), "done")["session"]
    assert console.log_out(session_token).status_code == 204
    assert console.log_out(session_token).status_code == 204
    assert console.log_out("nobodys").status_code == 204
    with database.read() as session:
        reasons = session.scalars(select(StaffSession.end_reason)).all()
    assert sorted(str(it) for it in reasons) == ["None", "logged_out"]


def test_the_audit_names_who_logged_in_and_with_what(
    console: Console, verifier_of_cases: Somebody, database: Database
) -> None:
    wrong(console.log_in("xac.minh", OTHER_PASSWORD))
    with database.read() as session:
        rows = session.execute(
            select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.outcome, AUDIT.c.facts)
            .where(AUDIT.c.object_id == verifier_of_cases.staff.id)
            .order_by(AUDIT.c.id)
        ).all()
    found = [(row.action, row.outcome) for row in rows]
    assert found == [
        ("staff.registered", "done"),
        ("staff.link_made", "done"),
        ("account.password_set", "done"),
        ("account.log_in", "done"),
        ("account.second_factor_set", "done"),
        ("account.log_in", "wrong_password"),
    ]
    assert rows[3].facts == {"device": "phone", "means": ["pwd", "otp"]}
    assert rows[3].actor == f"staff:{verifier_of_cases.staff.id}"
    assert rows[5].actor == "client:console"
