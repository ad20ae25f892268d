"""What stops whoever guesses, and keeps nobody out who knows everything (ADR 0040)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import select

from services.directory.models import LogInFailure
from services.directory.policy import passwords
from shared.kit.database import Database
from tests.directory.people import (
    OTHER_PASSWORD,
    Console,
    Somebody,
    code_of,
    guess,
    later,
    of,
    outcomes,
    wrong,
)


class Counted:
    """Computes passwords as ever, and counts: each takes longer than all else together."""

    def __init__(self) -> None:
        self.times = 0

    def verify_phc_encoded(self, password: bytes, kept: str) -> None:
        self.times += 1
        Argon2id.verify_phc_encoded(password, kept)


def test_an_unknown_name_a_wrong_password_and_a_wait_cost_one_computation_each(
    console: Console, receiver: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(console, "cho.doi", 8)
    console.source = "203.0.113.8"
    monkeypatch.setattr(passwords, "Argon2id", counted := Counted())
    for number, user_name in enumerate(("chim.bao", "khong.co", "cho.doi"), start=1):
        wrong(console.log_in(user_name, OTHER_PASSWORD))
        assert counted.times == number, user_name


# Attacks of the decision's list (ADR 0040), each by its letter.


def test_a_guessing_from_one_account_is_slowed_down(
    console: Console, receiver: Somebody, database: Database
) -> None:
    guess(console, "chim.bao", 5)
    wrong(console.log_in("chim.bao"))
    assert outcomes(database, receiver)[-2:] == ["wrong_password", "waiting"]
    later(database, timedelta(seconds=31))
    of(console.log_in("chim.bao"), "done")


def test_b_whoever_is_kept_waiting_by_others_gets_in_from_a_known_browser(
    console: Console, receiver: Somebody
) -> None:
    known = of(console.log_in("chim.bao"), "done")["device_token"]
    console.source = "198.51.100.1"
    guess(console, "chim.bao", 8)
    console.source = "203.0.113.7"
    wrong(console.log_in("chim.bao"))
    of(console.log_in("chim.bao", device_token=known), "done")


def test_c_whoever_is_kept_waiting_by_others_gets_in_with_password_and_code_at_once(
    console: Console, verifier_of_cases: Somebody
) -> None:
    guess(console, "xac.minh", 8)
    wrong(console.log_in("xac.minh"))
    code = code_of(verifier_of_cases.secret)
    wrong(console.log_in("xac.minh", OTHER_PASSWORD, code=code))
    wrong(console.log_in("xac.minh", code="000000"))
    of(console.log_in("xac.minh", code=code), "done")


def test_d_tries_while_an_account_waits_do_not_make_it_wait_longer(
    console: Console, receiver: Somebody, database: Database
) -> None:
    guess(console, "chim.bao", 30)
    later(database, timedelta(seconds=31))
    of(console.log_in("chim.bao"), "done")


def test_e_a_burst_of_guesses_at_once_is_counted_one_by_one(
    console: Console, receiver: Somebody, database: Database
) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda each: console.log_in("chim.bao", f"{OTHER_PASSWORD} {each}"), range(12))
        )
    for answer in answers:
        wrong(answer)
    with database.read() as session:
        times = session.scalars(select(LogInFailure.times)).all()
    assert max(times) == 5, "no more than the free ones were looked at"


def test_f_one_source_that_tries_many_names_is_slowed_down(
    console: Console, receiver: Somebody, database: Database
) -> None:
    for number in range(20):
        wrong(console.log_in(f"ai.do.{number}", OTHER_PASSWORD))
    wrong(console.log_in("chim.bao"))
    console.source = "198.51.100.9"
    of(console.log_in("chim.bao"), "done")


def test_g_an_office_behind_one_address_is_not_kept_out_by_a_colleague(
    console: Console, receiver: Somebody
) -> None:
    known = of(console.log_in("chim.bao"), "done")["device_token"]
    for number in range(20):
        wrong(console.log_in(f"ai.do.{number}", OTHER_PASSWORD))
    wrong(console.log_in("chim.bao"))
    of(console.log_in("chim.bao", device_token=known), "done")


def test_h_whoever_knows_the_password_cannot_try_all_codes(
    console: Console, verifier_of_cases: Somebody
) -> None:
    for _ in range(3):
        wrong(console.log_in("xac.minh", code="000000"))
    begun = of(console.log_in("xac.minh"), "second_factor")
    for _ in range(2):
        wrong(console.second(begun["log_in"], "000000"))
    wrong(console.second(begun["log_in"], code_of(verifier_of_cases.secret)))


def test_i_whoever_knows_the_password_does_not_keep_a_known_browser_out(
    console: Console, verifier_of_cases: Somebody
) -> None:
    for _ in range(6):
        wrong(console.log_in("xac.minh", code="000000"))
    known = {"device_token": verifier_of_cases.device_token}
    of(console.log_in("xac.minh", code=code_of(verifier_of_cases.secret), **known), "done")


def test_j_whoever_does_not_know_the_password_keeps_nobody_from_a_code(
    console: Console, verifier_of_cases: Somebody
) -> None:
    guess(console, "xac.minh", 30, code="000000")
    console.source = "198.51.100.1"
    of(console.log_in("xac.minh", code=code_of(verifier_of_cases.secret)), "done")


def test_k_a_browser_known_of_one_person_is_not_known_of_another(
    console: Console, receiver: Somebody, verifier_of_cases: Somebody
) -> None:
    guess(console, "chim.bao", 8)
    wrong(console.log_in("chim.bao", device_token=verifier_of_cases.device_token))


def test_l_a_known_browser_in_other_hands_is_slowed_down_too(
    console: Console, receiver: Somebody
) -> None:
    known = of(console.log_in("chim.bao"), "done")["device_token"]
    guess(console, "chim.bao", 10, device_token=known)
    wrong(console.log_in("chim.bao", device_token=known))
    console.source = "198.51.100.1"
    of(console.log_in("chim.bao"), "done")
