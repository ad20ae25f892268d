"""Passkeys: added by whoever has shown again who it is, and shown as the second factor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from services.directory.models import StaffCredentials, StaffPasskey, StaffSession
from services.directory.policy import (
    Created,
    PasskeyFacts,
    RelyingParty,
    Signed,
    StaffVault,
    counted_by,
    made_passkey,
)
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from tests.directory.authenticators import PRESENT, Authenticator, b64, raw
from tests.directory.calls import V1, refused
from tests.directory.desks import client, console, desk, entered, over, receiver
from tests.directory.owners import Owner, app_code, receiver_in, verifier_in
from tests.directory.people import OTHER_PASSWORD, Console, of, outcomes, take_in, wrong
from tests.directory.test_api_clients import is_anywhere

__all__ = ["client", "console", "desk", "entered", "receiver", "receiver_in", "verifier_in"]

LABEL = "Điện thoại của Chim Báo"


@pytest.fixture
def phone(verifier_in: Owner) -> Authenticator:
    """A passkey of the verifier."""
    made = Authenticator()
    assert verifier_in.confirmed().add(made, LABEL).status_code == 201
    return made


def test_a_passkey_is_shown_in_the_place_of_a_code(
    verifier_in: Owner, phone: Authenticator, database: Database
) -> None:
    log_in = verifier_in.begin()
    done = of(verifier_in.second(log_in, phone.sign(verifier_in.challenge(log_in))), "done")
    with database.read() as session:
        newest = select(StaffSession.means).order_by(StaffSession.id.desc()).limit(1)
        assert session.scalars(newest).one() == ["pwd", "hwk"]
        kept = session.scalars(select(StaffPasskey)).one()
        assert (kept.sign_count, kept.used_at is not None) == (phone.count, True)
    assert verifier_in.desk.exchange(done["session"]).json()["scope"] == "verifier"


def test_the_app_and_the_recovery_codes_go_on_beside_it(
    verifier_in: Owner, phone: Authenticator
) -> None:
    code = app_code(verifier_in.somebody.secret, periods=1)
    of(verifier_in.console.second(verifier_in.begin(), code), "done")
    of(verifier_in.console.second(verifier_in.begin(), verifier_in.codes[0]), "done")


def test_an_answer_is_good_once(verifier_in: Owner, phone: Authenticator) -> None:
    first, second = verifier_in.begin(), verifier_in.begin()
    signed = phone.sign(verifier_in.challenge(first))
    verifier_in.challenge(second)
    wrong(verifier_in.second(second, signed))
    of(verifier_in.second(first, signed), "done")
    wrong(verifier_in.second(first, signed))


def test_a_challenge_is_gone_after_the_first_answer_right_or_wrong(
    verifier_in: Owner, phone: Authenticator
) -> None:
    log_in = verifier_in.begin()
    challenge = verifier_in.challenge(log_in)
    wrong(verifier_in.second(log_in, phone.elsewhere(origin="https://x.test").sign(challenge)))
    wrong(verifier_in.second(log_in, phone.sign(challenge)))
    of(verifier_in.second(log_in, phone.sign(verifier_in.challenge(log_in))), "done")


def test_of_several_at_once_with_the_same_answer_one_gets_in(
    verifier_in: Owner, phone: Authenticator
) -> None:
    log_in = verifier_in.begin()
    signed = phone.sign(verifier_in.challenge(log_in))
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: verifier_in.second(log_in, signed), range(3)))
    assert sorted(each.status_code for each in answers) == [200, 403, 403]


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://nhipcau.test.elsewhere.test"},
        {"origin": "http://nhipcau.test"},
        {"rp_id": "elsewhere.test"},
        {"flags": PRESENT},
        {"count": -1},
        {"key": Authenticator().key},
    ],
    ids=["origin", "scheme", "rp id", "nobody verified", "count that fell", "another key"],
)
def test_an_answer_that_is_not_for_here_is_refused(
    verifier_in: Owner, phone: Authenticator, changes: dict[str, Any]
) -> None:
    phone.count = 6
    log_in = verifier_in.begin()
    of(verifier_in.second(log_in, phone.sign(verifier_in.challenge(log_in))), "done")
    again = verifier_in.begin()
    told = phone.elsewhere(**{"count": phone.count, **changes})
    wrong(verifier_in.second(again, told.sign(verifier_in.challenge(again))))


def test_a_copied_key_is_noticed_by_its_count(verifier_in: Owner, phone: Authenticator) -> None:
    copy = phone.elsewhere()
    log_in = verifier_in.begin()
    of(verifier_in.second(log_in, phone.sign(verifier_in.challenge(log_in))), "done")
    again = verifier_in.begin()
    wrong(verifier_in.second(again, copy.sign(verifier_in.challenge(again))))


def test_the_passkey_of_somebody_else_opens_nothing(
    verifier_in: Owner,
    phone: Authenticator,
    database: Database,
    vault: StaffVault,
    console: Console,
) -> None:
    other = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    entered = of(console.redeem(other.link), "done")["session"]
    them = Owner(verifier_in.client, verifier_in.desk, console, other, entered)
    theirs = Authenticator()
    assert them.confirmed().add(theirs).status_code == 201
    log_in = verifier_in.begin()
    wrong(verifier_in.second(log_in, theirs.sign(verifier_in.challenge(log_in))))
    refused(them.add(phone), 409, "passkey-taken")
    mine = them.told("GET", "/passkeys")["items"]
    refused(verifier_in.ask("DELETE", f"/passkeys/{mine[0]['id']}"), 404, "passkey-not-found")


def test_a_challenge_is_over_after_five_minutes(
    verifier_in: Owner, phone: Authenticator, database: Database
) -> None:
    log_in = verifier_in.begin()
    challenge = verifier_in.challenge(log_in)
    with database.begin() as session:
        until = StaffSession.challenge_until - timedelta(minutes=5)
        session.execute(update(StaffSession).values(challenge_until=until))
    wrong(verifier_in.second(log_in, phone.sign(challenge)))


def test_wrong_answers_have_to_wait_as_wrong_codes_do(
    verifier_in: Owner, phone: Authenticator, database: Database
) -> None:
    log_in = verifier_in.begin()
    for _ in range(5):
        lost = phone.elsewhere(key=Authenticator().key)
        wrong(verifier_in.second(log_in, lost.sign(verifier_in.challenge(log_in))))
    wrong(verifier_in.second(log_in, phone.sign(verifier_in.challenge(log_in))))
    assert outcomes(database, verifier_in.somebody)[-1] == "wrong_code"


def test_no_challenge_is_given_to_whoever_is_not_half_in(
    verifier_in: Owner, phone: Authenticator
) -> None:
    for log_in in ("nobodys", verifier_in.session):
        body, asks = {"log_in": log_in}, verifier_in.console.headers
        answer = verifier_in.client.post(f"{V1}/log-ins/passkey", json=body, headers=asks)
        refused(answer, 403, "log-in-refused")


def test_a_passkey_is_added_after_the_password_and_the_second_factor_again(
    verifier_in: Owner, database: Database
) -> None:
    refused(verifier_in.ask("POST", "/passkeys/invitation"), 403, "not-confirmed")
    refused(verifier_in.confirm(OTHER_PASSWORD), 403, "confirmation-wrong")
    refused(verifier_in.confirm(code="000000"), 403, "confirmation-wrong")
    refused(verifier_in.confirm(passkey=None), 403, "confirmation-wrong")
    refused(verifier_in.ask("POST", "/passkeys/invitation"), 403, "not-confirmed")
    verifier_in.confirmed()
    invited = verifier_in.told("POST", "/passkeys/invitation")
    assert (invited["rp_id"], invited["user_name"]) == ("nhipcau.test", "xac.minh")
    with database.begin() as session:
        past = StaffSession.confirmed_at - timedelta(minutes=5)
        session.execute(update(StaffSession).values(confirmed_at=past))
    made = Authenticator().create(invited["challenge"])
    refused(verifier_in.ask("POST", "/passkeys", {"name": "x", **made}), 403, "not-confirmed")


def test_what_is_confirmed_in_one_session_is_not_in_another(verifier_in: Owner) -> None:
    verifier_in.confirmed()
    code = verifier_in.codes.pop()
    other = of(verifier_in.console.second(verifier_in.begin(), code), "done")["session"]
    verifier_in.session = other
    refused(verifier_in.ask("POST", "/passkeys/invitation"), 403, "not-confirmed")


@pytest.mark.parametrize(
    "changes",
    [{"origin": "https://elsewhere.test"}, {"rp_id": "elsewhere.test"}, {"flags": PRESENT}],
    ids=str,
)
def test_a_passkey_that_was_made_otherwise_is_not_added(
    verifier_in: Owner, changes: dict[str, Any]
) -> None:
    refused(verifier_in.confirmed().add(Authenticator(**changes)), 422, "passkey-refused")


def test_an_invitation_is_answered_once(verifier_in: Owner) -> None:
    challenge = verifier_in.confirmed().told("POST", "/passkeys/invitation")["challenge"]
    for answer in (201, 422):
        made = Authenticator().create(challenge)
        sent = verifier_in.ask("POST", "/passkeys", {"name": "x", **made})
        assert sent.status_code == answer, sent.text


def test_somebody_confirms_with_a_passkey_too(verifier_in: Owner, phone: Authenticator) -> None:
    asked = verifier_in.told("POST", "/confirmations/passkey")["passkey"]
    signed = phone.sign(asked["challenge"])
    assert verifier_in.confirm(passkey=signed).status_code == 204
    refused(verifier_in.confirm(passkey=signed), 403, "confirmation-wrong")


def test_a_passkey_is_listed_and_removed_by_its_owner(
    verifier_in: Owner, phone: Authenticator
) -> None:
    other = of(verifier_in.console.second(verifier_in.begin(), verifier_in.codes.pop()), "done")
    listed = verifier_in.told("GET", "/passkeys")["items"]
    assert [(each["name"], each["used_at"]) for each in listed] == [(LABEL, None)]
    assert verifier_in.ask("DELETE", f"/passkeys/{listed[0]['id']}").status_code == 204
    assert verifier_in.told("GET", "/passkeys")["items"] == []
    over(verifier_in.desk.exchange(other["session"]))
    events = [each["event"] for each in verifier_in.told("GET", "/log")["items"]]
    assert {"account.passkey_added", "account.passkey_removed", "account.confirmed"} <= set(events)


def test_whoever_had_no_second_factor_gets_codes_with_the_first_passkey(
    receiver_in: Owner,
) -> None:
    made = Authenticator()
    added = receiver_in.confirmed().add(made)
    codes = added.json()["recovery_codes"]
    assert len(codes) == 10
    log_in = receiver_in.begin()
    of(receiver_in.console.second(log_in, codes[0]), "done")
    assert len(receiver_in.add(Authenticator()).json()["recovery_codes"]) == 0
    for each in receiver_in.told("GET", "/passkeys")["items"]:
        assert receiver_in.ask("DELETE", f"/passkeys/{each['id']}").status_code == 204
    assert receiver_in.told("GET", "")["recovery_codes_left"] == 0
    of(receiver_in.console.log_in("chim.bao"), "done")


def test_a_code_of_an_app_that_was_never_set_up_is_none_beside_a_passkey(
    verifier_in: Owner, phone: Authenticator, database: Database
) -> None:
    with database.begin() as session:
        session.execute(update(StaffCredentials).values(is_authenticator_confirmed=False))
    code = app_code(verifier_in.somebody.secret, periods=1)
    wrong(verifier_in.console.second(verifier_in.begin(), code))


def test_an_account_has_ten_passkeys_at_most(verifier_in: Owner) -> None:
    verifier_in.confirmed()
    for _ in range(10):
        assert verifier_in.add(Authenticator()).status_code == 201
    refused(verifier_in.add(Authenticator()), 409, "passkeys-too-many")


def test_what_a_passkey_is_called_is_in_no_table_and_no_log(
    verifier_in: Owner,
    phone: Authenticator,
    database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert LABEL not in "".join(capfd.readouterr())
    with database.read() as session:
        assert is_anywhere(session, LABEL) is False


@pytest.mark.parametrize(
    ("address", "origin", "rp_id"),
    [
        ("https://nhipcau.haiphong.gov.vn", "https://nhipcau.haiphong.gov.vn", True),
        ("https://Nhipcau.gov.vn:443/", "https://nhipcau.gov.vn", True),
        ("http://localhost:8080", "http://localhost:8080", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", False),
        ("http://[::1]:80", "http://[::1]", False),
    ],
)
def test_passkeys_are_for_host_names(address: str, origin: str, *, rp_id: bool) -> None:
    party = RelyingParty.of(address)
    assert party.origin == origin
    assert (party.rp_id is not None) is rp_id


PARTY = RelyingParty.of("https://nhipcau.test")
CHALLENGE = b"c" * 32
PHONE = Authenticator()
MADE = {name: raw(said) for name, said in PHONE.create(b64(CHALLENGE)).items()}
SIGNED = {name: raw(said) for name, said in PHONE.sign(b64(CHALLENGE)).items()}


def test_what_is_as_it_should_be_is_an_answer() -> None:
    facts = made_passkey(PARTY, Created(**MADE), challenge=CHALLENGE)
    assert facts is not None
    assert counted_by(PARTY, Signed(**SIGNED), challenge=CHALLENGE, key=facts) == 1


@given(data=st.data())
def test_whatever_bytes_are_sent_are_an_answer_or_none_and_no_fault(data: st.DataObject) -> None:
    facts = made_passkey(PARTY, Created(**MADE), challenge=CHALLENGE)
    assert facts is not None
    told = data.draw(st.sampled_from([MADE, SIGNED]))
    name = data.draw(st.sampled_from(sorted(told)))
    place = data.draw(st.integers(0, len(told[name]) - 1))
    said = bytearray(told[name])
    said[place] = data.draw(st.integers(0, 255))
    cut = said[: data.draw(st.integers(0, len(said)))]
    for changed in (bytes(said), bytes(cut), data.draw(st.binary(max_size=300))):
        if told is MADE:
            made_passkey(PARTY, Created(**{**MADE, name: changed}), challenge=CHALLENGE)
        else:
            counted_by(PARTY, Signed(**{**SIGNED, name: changed}), challenge=CHALLENGE, key=facts)


@given(noise=st.binary(max_size=100))
def test_no_kept_key_is_a_fault(noise: bytes) -> None:
    key = PasskeyFacts(noise, 0)
    assert counted_by(PARTY, Signed(**SIGNED), challenge=CHALLENGE, key=key) is None
