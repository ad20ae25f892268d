"""Codes, passwords, authenticators and patience: what holds of them whatever is typed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.errors import CodeMistyped, PasswordCommon, PasswordTooShort
from services.directory.policy import (
    PATIENCE,
    Counted,
    asks_second_factor,
    check_password,
    hashed,
    is_right,
    new_secret,
    period_of,
    usable,
)
from services.directory.policy.codes import LETTERS, read, written
from services.directory.policy.passwords import NOBODYS
from shared.access import PERMISSIONS
from shared.access.demands import NEEDS_SECOND_FACTOR
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Grant, Means
from tests.conftest import NOON
from tests.directory.builders import RULES
from tests.directory.people import OTHER_PASSWORD, PASSWORD, code_of

secrets = st.binary(min_size=10, max_size=10)


@given(secret=secrets)
def test_a_code_is_read_however_it_is_typed(secret: bytes) -> None:
    code = written(secret)
    plain = code.replace("-", "")
    assert read(code, size=10) == plain
    typed = plain.lower().replace("0", "o").replace("1", "l")
    assert read(f" {typed} ", size=10) == plain


@given(secret=secrets, data=st.data())
def test_one_wrong_letter_is_noticed(secret: bytes, data: st.DataObject) -> None:
    code = list(written(secret).replace("-", ""))
    place = data.draw(st.integers(0, len(code) - 1))
    code[place] = data.draw(st.sampled_from([it for it in LETTERS if it != code[place]]))
    with pytest.raises(CodeMistyped):
        read("".join(code), size=10)


@given(secret=secrets, place=st.integers(0, 14))
def test_two_letters_that_changed_places_are_noticed(secret: bytes, place: int) -> None:
    code = list(written(secret).replace("-", ""))
    if code[place] == code[place + 1]:
        return
    code[place], code[place + 1] = code[place + 1], code[place]
    with pytest.raises(CodeMistyped):
        read("".join(code), size=10)


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 18, "é" * 18, "0" * 19])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    with pytest.raises(CodeMistyped):
        read(typed, size=10)


@pytest.mark.parametrize("password", ["", "ngắn quá", "12345678901"])
def test_a_password_has_twelve_characters(password: str) -> None:
    with pytest.raises(PasswordTooShort):
        check_password(password, user_name="chim.bao")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "MatKhau@123456",
        "mật khẩu 2026!",
        "123456789012",
        "987654321098",
        "aaaaaaaaaaaa",
        "121212121212",
        "qwertyuiop12",
        "Haiphong@2026",
        "chim.bao.2026",
    ],
)
def test_the_first_passwords_that_anybody_tries_are_refused(password: str) -> None:
    with pytest.raises(PasswordCommon):
        check_password(password, user_name="chim.bao")


@pytest.mark.parametrize("password", [PASSWORD, OTHER_PASSWORD, "xanh lá chuối", "k9-vWq2 m0xT7"])
def test_any_other_long_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    check_password(password, user_name="chim.bao")


def test_a_password_is_kept_as_argon2id_and_known_in_both_spellings_of_its_letters() -> None:
    kept = hashed("mưa ở phố cổ")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed("mưa ở phố cổ") != kept
    assert is_right("mưa ở phố cổ", kept)
    assert not is_right("mưa ở phố cỏ", kept)


def test_where_there_is_no_password_none_is_right() -> None:
    assert not is_right(PASSWORD, None)
    assert not is_right(PASSWORD, NOBODYS)


def test_a_code_of_an_app_counts_once_and_for_a_moment_around_its_time() -> None:
    secret = new_secret()
    for periods in (-1, 0, 1):
        code = code_of(secret, periods=periods)
        period = period_of(code, secret, at=NOON, used=None)
        assert period is not None
        assert period_of(code, secret, at=NOON, used=period) is None
        assert period_of(code, secret, at=NOON, used=period - 1) == period
    for periods in (-2, 2):
        assert period_of(code_of(secret, periods=periods), secret, at=NOON, used=None) is None


def test_the_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, time 59 s, cut to the six digits that apps show."""
    at = datetime.fromtimestamp(59, UTC)
    assert period_of("287082", b"12345678901234567890", at=at, used=None) == 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_cannot_be_a_code_of_an_app_is_wrong(typed: str) -> None:
    assert period_of(typed, new_secret(), at=NOON, used=None) is None


@pytest.mark.parametrize("counted", Counted)
@given(times=st.integers(0, 10_000))
def test_who_was_wrong_more_often_waits_as_long_or_longer_and_never_for_good(
    counted: Counted, times: int
) -> None:
    patience = PATIENCE[counted]
    wait = patience.wait_after(times)
    assert wait <= patience.wait_after(times + 1) <= timedelta(minutes=15)
    assert bool(wait) is (times >= patience.free)


@pytest.mark.parametrize("role", Role, ids=str)
def test_a_role_that_sees_decides_administers_or_operates_needs_a_second_factor(role: Role) -> None:
    grant = Grant(str(role), "31")
    needs = any(role in PERMISSIONS[it].reach for it in NEEDS_SECOND_FACTOR)
    assert asks_second_factor([grant]) is needs
    weak = usable([grant], [Means.PASSWORD], rules=RULES)
    assert weak == (frozenset() if needs else {grant})
    assert usable([grant], [Means.PASSWORD, Means.ONE_TIME_CODE], rules=RULES) == {grant}


def test_the_roles_that_need_a_second_factor() -> None:
    needing = {role for role in Role if asks_second_factor([Grant(str(role), "31")])}
    assert needing == {
        *(Role.CASE_OWNER, Role.VERIFIER, Role.FACILITY, Role.PROTECTOR, Role.PROVIDER),
        *(Role.ADMINISTRATOR, Role.OPERATOR, Role.MANAGER, Role.AUDITOR),
    }
