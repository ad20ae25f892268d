"""Recovery codes and the authenticator app, changed by whoever has shown again who it is."""

import base64
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient

from shared.kit.database import Database
from tests.directory.calls import V1, TokenFor, refused
from tests.directory.desks import client, console, desk, entered, over, receiver
from tests.directory.owners import Owner, app_code, receiver_in, verifier_in
from tests.directory.people import OTHER_PASSWORD, of, wrong

__all__ = ["client", "console", "desk", "entered", "receiver", "receiver_in", "verifier_in"]


def test_new_recovery_codes_are_in_the_place_of_the_former(verifier_in: Owner) -> None:
    refused(verifier_in.ask("POST", "/recovery-codes"), 403, "not-confirmed")
    former = verifier_in.codes[0]
    codes = verifier_in.confirmed().told("POST", "/recovery-codes")["recovery_codes"]
    assert len({*codes, former}) == 11
    wrong(verifier_in.console.second(verifier_in.begin(), former))
    of(verifier_in.console.second(verifier_in.begin(), codes[0]), "done")


def test_nobody_has_recovery_codes_who_has_nothing_to_lose(receiver_in: Owner) -> None:
    refused(receiver_in.confirmed().ask("POST", "/recovery-codes"), 409, "nothing-to-recover")


def test_a_new_app_takes_over_with_its_first_code_and_not_before(verifier_in: Owner) -> None:
    refused(verifier_in.ask("POST", "/authenticator"), 403, "not-confirmed")
    other = of(verifier_in.console.second(verifier_in.begin(), verifier_in.codes.pop()), "done")
    refused(
        verifier_in.confirmed().ask("PUT", "/authenticator", {"code": "1"}), 409, "app-not-begun"
    )
    secret = base64.b32decode(verifier_in.told("POST", "/authenticator")["secret"])
    refused(verifier_in.ask("PUT", "/authenticator", {"code": "000000"}), 403, "app-code-wrong")
    present = app_code(verifier_in.somebody.secret, periods=0)
    of(verifier_in.console.second(verifier_in.begin(), present), "done")
    code = app_code(secret)
    assert verifier_in.told("PUT", "/authenticator", {"code": code})["recovery_codes"] == []
    over(verifier_in.desk.exchange(other["session"]))
    wrong(verifier_in.console.second(verifier_in.begin(), code))
    former = app_code(verifier_in.somebody.secret, periods=1)
    wrong(verifier_in.console.second(verifier_in.begin(), former))
    of(verifier_in.console.second(verifier_in.begin(), app_code(secret, periods=1)), "done")


def test_whoever_needs_no_app_may_have_one_and_gets_codes_with_it(receiver_in: Owner) -> None:
    secret = base64.b32decode(receiver_in.confirmed().told("POST", "/authenticator")["secret"])
    of(receiver_in.console.log_in("chim.bao"), "done")
    told = receiver_in.told("PUT", "/authenticator", {"code": app_code(secret)})
    assert len(told["recovery_codes"]) == 10
    assert receiver_in.told("GET", "")["has_authenticator"] is True
    receiver_in.begin()


def test_whoever_finds_an_open_session_cannot_try_all_codes(verifier_in: Owner) -> None:
    for _ in range(5):
        refused(verifier_in.confirm(code="000000"), 403, "confirmation-wrong")
    refused(verifier_in.confirm(), 403, "confirmation-wrong")
    told = verifier_in.told("GET", "/log")["items"]
    outcomes = [each["outcome"] for each in told if each["event"] == "account.confirmed"]
    assert outcomes == ["wrong_code"] * 5


def test_a_wrong_password_uses_no_code_up(verifier_in: Owner) -> None:
    code = verifier_in.codes[-1]
    refused(verifier_in.confirm(OTHER_PASSWORD, code=code), 403, "confirmation-wrong")
    assert verifier_in.confirm(code=code).status_code == 204


def test_confirming_and_changing_a_password_at_once_never_wait_in_a_circle(
    receiver_in: Owner, database: Database
) -> None:
    bearer = receiver_in.bearer
    wrong_one = {"password": OTHER_PASSWORD, "new_password": OTHER_PASSWORD}

    def ask(path: str) -> int:
        body = wrong_one if path == "password" else {"password": OTHER_PASSWORD}
        place = f"{V1}/me/{path}"
        return receiver_in.client.post(place, json=body, headers=bearer).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, ["password", "confirmations"] * 6))
    assert answers == {403}


def test_a_system_confirms_nothing(client: TestClient, token_for: TokenFor) -> None:
    headers = token_for("administrator")
    refused(client.get(f"{V1}/me/passkeys", headers=headers), 403, "not-a-person")
    body = {"password": "x"}
    answer = client.post(f"{V1}/me/confirmations", json=body, headers=headers)
    refused(answer, 403, "not-a-person")
