"""Only tokens of our own endpoint, for us, of one kind and algorithm, not yet expired, count."""

import base64
import hmac
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from shared.kit.auth import ALGORITHM, LEEWAY, TOKEN_TYPE, TokenVerifier
from shared.kit.errors import Unauthenticated
from shared.kit.subjects import Means, SubjectKind

ISSUER, AUDIENCE = "https://nhipcau.test", "nhipcau"
ORGANISATION = uuid4()


def new_key(kid: str = "k1") -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": kid, "alg": ALGORITHM})


KEY = new_key()


def write(path: Path, *keys: OKPKey) -> None:
    content = orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]})
    path.write_bytes(content)


@pytest.fixture(scope="module")
def jwks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jwks") / "jwks.json"
    write(path, KEY)
    return path


@pytest.fixture(scope="module")
def checker(jwks: Path) -> TokenVerifier:
    return TokenVerifier(jwks, issuer=ISSUER, audience=AUDIENCE)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "client",
        "client_id": "client",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid4()),
        "organisation_id": str(ORGANISATION),
        "organisation_kind": "police",
        "grants": [["verifier", "31"]],
        "subject_kind": "client",
        "amr": ["pop"],
        "auth_time": now,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": ALGORITHM, "kid": "k1", "typ": TOKEN_TYPE} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(**changes), key, algorithms=[head["alg"]])


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def refused(checker: TokenVerifier, raw: str) -> None:
    with pytest.raises(Unauthenticated):
        checker.verify(raw)


def test_a_token_says_who_calls(checker: TokenVerifier) -> None:
    caller = checker.verify(token())
    assert caller.id == "client"
    assert caller.organisation_id == ORGANISATION
    assert caller.organisation_kind == "police"
    assert caller.roles == {"verifier"}
    assert caller.areas_of("verifier") == {"31"}
    assert (caller.kind, caller.means) == (SubjectKind.CLIENT, (Means.ASSERTION,))
    assert caller.actor == "client:client"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"exp": timedelta(seconds=-LEEWAY - 5)},
        {"iat": timedelta(seconds=LEEWAY + 60)},
        {"nbf": timedelta(seconds=LEEWAY + 60)},
        {"organisation_id": "not an id"},
        {"grants": 7},
        *({name: None} for name in claims()),
    ],
    ids=repr,
)
def test_a_token_with_wrong_or_missing_claims_is_refused(
    checker: TokenVerifier, changes: dict[str, Any]
) -> None:
    refused(
        checker, token(**dict[str, Any]({name: from_now(value) for name, value in changes.items()}))
    )


def from_now(value: object) -> object:
    """A time that lies so far from the moment of the test, not of its collection."""
    return int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value


@pytest.mark.parametrize("typ", [None, "JWT", "at+JWT2", "jwt", "client-authentication+jwt"])
def test_a_token_of_another_type_is_refused(checker: TokenVerifier, typ: str | None) -> None:
    refused(checker, token(header={"typ": typ}))


def test_a_token_of_another_key_is_refused_whatever_it_calls_the_key(
    checker: TokenVerifier,
) -> None:
    refused(checker, token(new_key("k1")))
    refused(checker, token(new_key("k2"), {"kid": "k2"}))
    refused(checker, token(header={"kid": "unknown"}))


def test_a_token_without_a_signature_is_refused(checker: TokenVerifier) -> None:
    for algorithm in ("none", "None", "NONE"):
        header = {"alg": algorithm, "typ": TOKEN_TYPE, "kid": "k1"}
        refused(checker, f"{part(header)}.{part(claims())}.")
    head, body, _ = token().split(".")
    refused(checker, f"{head}.{body}.")
    refused(checker, f"{head}.{body}")


def test_the_public_key_does_not_sign_as_a_secret(checker: TokenVerifier, jwks: Path) -> None:
    public = KEY.as_dict(private=False)
    for secret in (
        base64.urlsafe_b64decode(str(public["x"]) + "=="),
        str(public["x"]).encode(),
        jwks.read_bytes(),
        KEY.as_pem(private=False),
    ):
        head = part({"alg": "HS256", "kid": "k1", "typ": TOKEN_TYPE})
        signed = f"{head}.{part(claims())}"
        signature = hmac.digest(secret, signed.encode(), "sha256")
        encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        refused(checker, f"{signed}.{encoded}")


def test_a_key_carried_in_the_token_is_not_believed(checker: TokenVerifier) -> None:
    forger = new_key("k1")
    refused(checker, token(forger, {"jwk": forger.as_dict(private=False)}))
    refused(checker, token(forger, {"jku": "https://elsewhere.test/jwks.json"}))


def test_another_algorithm_is_refused_even_with_a_key_it_fits(checker: TokenVerifier) -> None:
    rsa = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    refused(checker, token(rsa, {"alg": "RS256"}))


ODD_MOMENTS = [
    True, False, "1", "", [1], {"at": 1}, -1, -1e300, 1e300, 10**400, 253402300800,
    float("nan"), float("inf"), float("-inf"),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD_MOMENTS, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_moment_that_is_none_is_refused(checker: TokenVerifier, name: str, value: Any) -> None:
    refused(checker, token(**{name: value}))


@pytest.mark.parametrize("name", ["sub", "jti", "client_id", "organisation_kind", "iss"])
@pytest.mark.parametrize("value", [1, True, [], ["client"], {"a": 1}, 1e300], ids=str)
def test_a_name_that_is_no_text_is_refused(checker: TokenVerifier, name: str, value: Any) -> None:
    refused(checker, token(**{name: value}))


@pytest.mark.parametrize(
    "value",
    [
        "operator",
        1,
        {"operator": "31"},
        ["operator", "31"],
        [["operator"]],
        [["operator", 31]],
        [["operator", "31", "32"]],
        [[True, "31"]],
    ],
    ids=repr,
)
def test_grants_are_pairs_of_a_role_and_an_area(checker: TokenVerifier, value: Any) -> None:
    refused(checker, token(grants=value))


def test_an_office_is_bound_to_one_thing_and_nobody_else_is(checker: TokenVerifier) -> None:
    bound = str(uuid4())
    office = checker.verify(token(subject_kind="office", amr=["code"], bound_to=bound))
    assert (office.kind, str(office.bound_to)) == (SubjectKind.OFFICE, bound)
    refused(checker, token(subject_kind="office", amr=["code"]))
    refused(checker, token(subject_kind="office", amr=["code"], bound_to="everything"))
    refused(checker, token(bound_to=bound))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject_kind", "machine"),
        ("amr", "pop"),
        ("amr", ["guess"]),
        ("auth_time", True),
        ("auth_time", "now"),
    ],
)
def test_who_asks_and_how_that_was_shown_are_said_in_known_words(
    checker: TokenVerifier, name: str, value: Any
) -> None:
    refused(checker, token(**{name: value}))


@given(data=st.data())
def test_a_token_of_which_one_letter_was_changed_is_refused(
    checker: TokenVerifier, data: st.DataObject
) -> None:
    raw = token()
    place = data.draw(st.integers(0, len(raw) - 2))
    letter = data.draw(st.sampled_from("ABCxyz019-_."))
    changed = raw[:place] + letter + raw[place + 1 :]
    if changed != raw:
        refused(checker, changed)


@given(raw=st.text(max_size=100))
def test_no_text_whatever_is_a_token(checker: TokenVerifier, raw: str) -> None:
    refused(checker, raw)


def test_a_token_that_was_checked_is_refused_once_it_expires(
    checker: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = token()
    checker.verify(raw)
    later = time.time() + 300 + LEEWAY + 5
    monkeypatch.setattr(time, "time", lambda: later)
    refused(checker, raw)


def test_new_keys_are_read_when_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    old, new = new_key("old"), new_key("new")
    write(path, old)
    rotating = TokenVerifier(path, issuer=ISSUER, audience=AUDIENCE)
    of_old, of_new = token(old, {"kid": "old"}), token(new, {"kid": "new"})
    rotating.verify(of_old)
    refused(rotating, of_new)
    write(path, new)
    os.utime(path, (time.time() + 5, time.time() + 5))
    rotating.verify(of_new)
    refused(rotating, of_old)


def test_a_key_that_is_withdrawn_is_not_believed_any_more_even_for_a_token_seen_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "jwks.json"
    old = new_key("old")
    write(path, old)
    rotating = TokenVerifier(path, issuer=ISSUER, audience=AUDIENCE)
    raw = token(old, {"kid": "old"})
    rotating.verify(raw)
    write(path, new_key("new"))
    os.utime(path, (time.time() + 5, time.time() + 5))
    refused(rotating, raw)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic abc", "bearer a b c", "Token x", "Bearer ü"]
)
def test_a_header_that_is_no_bearer_token_is_401(client: TestClient, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode()}
    answer = client.get("/verification/v1/things", headers=headers)
    assert answer.status_code == 401


def test_the_scheme_is_read_in_any_case(
    client: TestClient, token_for: Callable[..., dict[str, str]]
) -> None:
    raw = token_for("receiver")["Authorization"].removeprefix("Bearer ")
    answer = client.get("/verification/v1/things", headers={"Authorization": f"bearer {raw}"})
    assert answer.status_code == 200


def test_the_id_of_the_organisation_is_an_id(checker: TokenVerifier) -> None:
    refused(checker, token(organisation_id=7))
    assert isinstance(checker.verify(token()).organisation_id, UUID)
