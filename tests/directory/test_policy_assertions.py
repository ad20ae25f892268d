"""Client assertions, without a database."""

import base64
import hashlib
import hmac
import json
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from services.directory.errors.tokens import AssertionFault, InvalidClient
from services.directory.policy import (
    Assertion,
    check_assertion,
    check_public_jwk,
    claimed_client,
)
from tests.directory.builders import CLIENT_ID, ISSUER, TOKEN_ENDPOINT, Signer

AUDIENCES = frozenset({ISSUER, TOKEN_ENDPOINT})
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def check(signer: Signer, assertion: str) -> Assertion:
    """As the domain does: the named client first, then the assertion against its stored key."""
    return check_assertion(
        assertion,
        client_id=claimed_client(assertion),
        key=check_public_jwk(signer.public_jwk),
        audiences=AUDIENCES,
        now=NOW,
    )


def fault_of(signer: Signer, assertion: str) -> AssertionFault:
    with pytest.raises(InvalidClient) as refusal:
        check(signer, assertion)
    return AssertionFault(refusal.value.facts["reason"])


@pytest.mark.parametrize("audience", [ISSUER, TOKEN_ENDPOINT, [ISSUER], [ISSUER, TOKEN_ENDPOINT]])
def test_a_signed_assertion_for_this_endpoint_is_taken(signer: Signer, audience: object) -> None:
    checked = check(signer, signer.assertion(aud=audience, jti="jti-0001"))
    assert (checked.client_id, checked.jti) == (CLIENT_ID, "jti-0001")


def test_an_assertion_of_a_p256_key_is_taken_with_es256_alone() -> None:
    signer = Signer(NOW, key=ECKey.generate_key("P-256"), algorithm="ES256")
    assert check(signer, signer.assertion()).client_id == CLIENT_ID


def test_an_assertion_is_remembered_until_it_would_be_refused_as_expired(signer: Signer) -> None:
    checked = check(signer, signer.assertion(exp=AT + 60))
    assert fault_of(Signer(NOW, key=signer.key), signer.assertion(exp=AT - 30)) == "expired"
    assert checked.forgotten_at == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"exp": AT - 31}, AssertionFault.EXPIRED),
        ({"exp": None}, AssertionFault.EXPIRED),
        ({"exp": "tomorrow"}, AssertionFault.EXPIRED),
        ({"exp": True}, AssertionFault.EXPIRED),
        ({"exp": 1e300}, AssertionFault.EXPIRED),
        ({"exp": 2**63}, AssertionFault.EXPIRED),
        ({"exp": 10**400}, AssertionFault.NOT_AUTHENTIC),
        ({"exp": -1}, AssertionFault.EXPIRED),
        ({"exp": float("nan")}, AssertionFault.NOT_AUTHENTIC),
        ({"exp": float("inf")}, AssertionFault.NOT_AUTHENTIC),
        ({"exp": [AT + 60]}, AssertionFault.EXPIRED),
        ({"exp": 253402300799}, AssertionFault.TOO_LONG),
        ({"exp": 253402300798.9}, AssertionFault.TOO_LONG),
        ({"exp": 253402300800}, AssertionFault.EXPIRED),
        ({"exp": AT + 331}, AssertionFault.TOO_LONG),
        ({"exp": AT + 86_400}, AssertionFault.TOO_LONG),
        ({"iat": AT + 31}, AssertionFault.NOT_YET_VALID),
        ({"nbf": AT + 31}, AssertionFault.NOT_YET_VALID),
        ({"iat": "now"}, AssertionFault.NOT_YET_VALID),
        *(
            ({name: value}, AssertionFault.NOT_YET_VALID)
            for name in ("iat", "nbf")
            for value in (True, -1, 1e300, 2**63, 253402300799, [AT], {"at": AT}, "")
        ),
        ({"aud": None}, AssertionFault.WRONG_AUDIENCE),
        ({"aud": "https://other.test/token"}, AssertionFault.WRONG_AUDIENCE),
        ({"aud": [TOKEN_ENDPOINT, "https://other.test"]}, AssertionFault.WRONG_AUDIENCE),
        ({"aud": []}, AssertionFault.WRONG_AUDIENCE),
        ({"aud": {"name": ISSUER}}, AssertionFault.WRONG_AUDIENCE),
        ({"aud": TOKEN_ENDPOINT + "/"}, AssertionFault.WRONG_AUDIENCE),
        ({"jti": None}, AssertionFault.UNNAMED),
        ({"jti": "short"}, AssertionFault.UNNAMED),
        ({"jti": "x" * 101}, AssertionFault.UNNAMED),
        ({"jti": "a\x00bcdefgh"}, AssertionFault.UNNAMED),
        ({"jti": 12345678}, AssertionFault.UNNAMED),
    ],
)
def test_an_authentic_assertion_that_says_something_wrong_is_refused(
    signer: Signer, changes: dict[str, Any], fault: AssertionFault
) -> None:
    assert fault_of(signer, signer.assertion(**changes)) is fault


@pytest.mark.parametrize("changes", [{"exp": AT + 300}, {"exp": AT + 330}, {"exp": AT - 29}])
def test_five_minutes_and_a_little_difference_between_clocks_are_taken(
    signer: Signer, changes: dict[str, Any]
) -> None:
    assert check(signer, signer.assertion(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"iss": "other-client"}, {"sub": "other-client"}, {"iss": None}, {"sub": None}],
)
def test_issuer_and_subject_are_both_the_client(signer: Signer, changes: dict[str, Any]) -> None:
    assert fault_of(signer, signer.assertion(**changes)) is AssertionFault.NOT_AUTHENTIC


def test_an_assertion_signed_with_another_key_is_refused(signer: Signer) -> None:
    assert fault_of(signer, Signer(NOW).assertion()) is AssertionFault.NOT_AUTHENTIC


def test_a_key_that_comes_in_the_header_is_refused_and_never_used(signer: Signer) -> None:
    thief = Signer(NOW)
    for header in (
        {"jwk": thief.public_jwk},
        {"jku": "https://thief.test/keys"},
        {"kid": "thief"},
    ):
        assert fault_of(signer, thief.assertion(header)) is AssertionFault.NOT_AUTHENTIC
    forged = f"{part({'alg': 'Ed25519', 'x5c': ['MII']})}.{part(signer.claims())}.AAAA"
    assert fault_of(signer, forged) is AssertionFault.NOT_AUTHENTIC
    assert fault_of(signer, signer.assertion({"jwk": signer.public_jwk})) == "not_authentic"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_an_unsigned_assertion_is_refused(signer: Signer, algorithm: str) -> None:
    head = part({"alg": algorithm, "typ": "JWT"})
    for signature in ("", "AAAA"):
        forged = f"{head}.{part(signer.claims())}.{signature}"
        assert fault_of(signer, forged) is AssertionFault.NOT_AUTHENTIC


def test_the_public_key_used_as_a_shared_secret_is_refused(signer: Signer) -> None:
    head, claims = part({"alg": "HS256"}), part(signer.claims())
    jwk = signer.public_jwk
    raw = base64.urlsafe_b64decode(jwk["x"] + "=")
    for secret in (raw, jwk["x"].encode(), orjson.dumps(jwk)):
        mac = hmac.digest(secret, f"{head}.{claims}".encode(), hashlib.sha256)
        forged = f"{head}.{claims}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert fault_of(signer, forged) is AssertionFault.NOT_AUTHENTIC


def test_a_key_is_not_used_with_the_algorithm_of_another_kind(signer: Signer) -> None:
    other = Signer(NOW, key=ECKey.generate_key("P-256"), algorithm="ES256")
    assert fault_of(signer, other.assertion()) is AssertionFault.NOT_AUTHENTIC
    relabelled = signer.assertion().split(".")
    relabelled[0] = part({"alg": "ES256"})
    assert fault_of(signer, ".".join(relabelled)) is AssertionFault.NOT_AUTHENTIC


@pytest.mark.parametrize("name", ["Ed25519", "EdDSA"])
def test_both_names_of_its_algorithm_are_taken_for_an_ed25519_key(name: str) -> None:
    signer = Signer(NOW)
    assert check(signer, named(signer, name)).client_id == CLIENT_ID


def named(signer: Signer, algorithm: str) -> str:
    """An assertion that calls its algorithm so, signed with the signer's Ed25519 key."""
    seed = base64.urlsafe_b64decode(str(signer.key.as_dict(private=True)["d"]) + "=")
    signed = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(signer.claims())}"
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signed.encode())
    return f"{signed}.{encoded(signature)}"


@pytest.mark.parametrize("name", ["Ed25519", "EdDSA"])
def test_neither_name_is_taken_for_a_key_of_another_kind(name: str) -> None:
    signer = Signer(NOW, key=ECKey.generate_key("P-256"), algorithm="ES256")
    relabelled = signer.assertion().split(".")
    relabelled[0] = part({"alg": name})
    assert fault_of(signer, ".".join(relabelled)) is AssertionFault.NOT_AUTHENTIC
    assert fault_of(signer, named(Signer(NOW), name)) is AssertionFault.NOT_AUTHENTIC


@pytest.mark.parametrize("name", ["eddsa", "EDDSA", "Ed448", "ed25519", "EdDSA ", "ES256"])
def test_no_other_name_is_taken_for_an_ed25519_key(signer: Signer, name: str) -> None:
    assert fault_of(signer, named(signer, name)) is AssertionFault.NOT_AUTHENTIC


def test_a_signature_that_anybody_can_make_for_a_weak_key_is_refused(signer: Signer) -> None:
    """For the neutral point every message has the signature of the neutral point and zero."""
    neutral = (1).to_bytes(32, "little")
    weak = {"kty": "OKP", "crv": "Ed25519", "x": encoded(neutral)}
    signed = f"{part({'alg': 'Ed25519'})}.{part(signer.claims())}"
    forged = f"{signed}.{encoded(neutral + bytes(32))}"
    assert jwt.decode(forged, OKPKey.import_key(dict(weak)), ["Ed25519"]), "the library takes it"
    with pytest.raises(InvalidClient) as refusal:
        check_assertion(forged, client_id=CLIENT_ID, key=weak, audiences=AUDIENCES, now=NOW)
    assert refusal.value.facts["reason"] is AssertionFault.NOT_AUTHENTIC


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("levels", [100, 500, 900, 990, 1020, 1030])
def test_deep_claims_are_no_fault(signer: Signer, levels: int) -> None:
    claims = orjson.dumps(signer.claims())[:-1] + b',"x":' + b"[" * levels + b"]" * levels + b"}"
    signed = f"{part({'alg': 'Ed25519'})}.{encoded(claims)}"
    seed = base64.urlsafe_b64decode(str(signer.key.as_dict(private=True)["d"]) + "=")
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signed.encode())
    with nullcontext() if levels == 100 else suppress(InvalidClient):
        assert check(signer, f"{signed}.{encoded(signature)}").client_id == CLIENT_ID


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_assertion_changed_in_any_part_is_refused(signer: Signer, place: int) -> None:
    parts = signer.assertion().split(".")
    middle = len(parts[place]) // 2
    letter = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + letter + parts[place][middle + 1 :]
    assert fault_of(signer, ".".join(parts)) is AssertionFault.NOT_AUTHENTIC


NUL = "a\x00b"
NESTED = "[" * 2500 + "]" * 2500


@pytest.mark.parametrize(
    "assertion",
    [
        "",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        f"{part([])}.{part({})}.AAAA",
        f"{part({'alg': 'Ed25519'})}.{part([])}.AAAA",
        f"{part({'alg': 5})}.{part({'iss': CLIENT_ID, 'sub': CLIENT_ID})}.AAAA",
        f"{part({'alg': 'Ed25519', 'crit': ['b64'], 'b64': False})}.{part({})}.AAAA",
        f"{part({'alg': 'Ed25519'})}.{part({'iss': NUL, 'sub': NUL})}.AAAA",
        f"{part({'alg': 'Ed25519'})}.{part({'iss': [CLIENT_ID], 'sub': [CLIENT_ID]})}.AAAA",
        f"{base64.urlsafe_b64encode(NESTED.encode()).decode()}.{part({})}.AAAA",
        "\u00e9.\u00e9.\u00e9",
    ],
)
def test_what_is_no_assertion_is_refused(signer: Signer, assertion: str) -> None:
    assert fault_of(signer, assertion) is AssertionFault.NOT_AUTHENTIC


PLAIN = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20)
ANY = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2), max_leaves=3)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), ANY, max_size=7
    ),
)
def test_no_claims_are_a_fault(changes: dict[str, Any]) -> None:
    signer = Signer(NOW)
    try:
        assertion = signer.assertion(**changes)
    except (ValueError, UnicodeEncodeError):
        return
    try:
        checked = check(signer, assertion)
    except InvalidClient:
        return
    assert checked.client_id == CLIENT_ID
    assert checked.forgotten_at <= NOW + timedelta(minutes=6)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_text_is_a_fault(text: str) -> None:
    with pytest.raises(InvalidClient):
        claimed_client(text)
