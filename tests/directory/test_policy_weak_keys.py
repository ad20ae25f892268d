"""Keys that are none: whoever registers one lets everybody, or nobody, sign for it.

The cases are of the kinds that the vectors of Project Wycheproof name: points of small order,
encodings that are not the only one, points off the curve, coordinates of another length.
"""

import base64
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from services.directory.errors import KeyInvalid, KeyUseContradicted
from services.directory.policy import check_public_jwk
from services.directory.policy.curves import _add, _edwards_point, is_ed25519_key, is_p256_key
from tests.directory.calls import Headers

P = 2**255 - 19
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
HIGH = 1 << 255


def spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def mixed(key: bytes) -> bytes:
    """The sum of an honest key and the point of order two: on the curve, in no honest group."""
    one, other = _edwards_point(key), _edwards_point(little(P - 1))
    assert one is not None
    assert other is not None
    x, y, z, _t = _add(one, other)
    x, y = (value * pow(z, -1, P) % P for value in (x, y))
    return little(y | (HIGH if x & 1 else 0))


HONEST = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""The first example of RFC 8032 section 7.1."""
ORDER_8 = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]

ED25519: dict[str, bytes] = {
    "32 bytes of zero (order 4)": bytes(32),
    "order 4, other sign": little(HIGH),
    "neutral": little(1),
    "neutral with a sign": little(1 | HIGH),
    "order 2": little(P - 1),
    "order 2 with a sign": little((P - 1) | HIGH),
    **{
        f"order 8, {n}": little(int.from_bytes(bytes.fromhex(text), "little") | sign)
        for n, (text, sign) in enumerate((text, sign) for text in ORDER_8 for sign in (0, HIGH))
    },
    "0 written as p": little(P),
    "1 written as p + 1": little(P + 1),
    "0 written as p, other sign": little(P | HIGH),
    "all ones": b"\xff" * 32,
    "largest number": little(2**255 - 1),
    "off the curve": little(2),
    "of mixed order": mixed(HONEST),
    "31 bytes": HONEST[:31],
    "33 bytes": HONEST + b"\x00",
    "nothing": b"",
    "64 bytes": HONEST * 2,
}

EC_JWK: dict[str, Any] = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
"""The example of RFC 7517 appendix A.1."""
X, Y = (int.from_bytes(base64.urlsafe_b64decode(EC_JWK[name] + "="), "big") for name in ("x", "y"))

P_256: dict[str, tuple[bytes, bytes]] = {
    "zeros": (bytes(32), bytes(32)),
    "ones": (b"\xff" * 32, b"\xff" * 32),
    "off the curve": (X.to_bytes(32, "big"), ((Y + 1) % P256).to_bytes(32, "big")),
    "coordinates swapped": (Y.to_bytes(32, "big"), X.to_bytes(32, "big")),
    "short": (X.to_bytes(32, "big")[1:], Y.to_bytes(32, "big")),
    "long": (b"\x00" + X.to_bytes(32, "big"), Y.to_bytes(32, "big")),
    "empty": (b"", b""),
    "x written as x + p": (((X % 2**32) + P256).to_bytes(32, "big"), Y.to_bytes(32, "big")),
    "p": (P256.to_bytes(32, "big"), Y.to_bytes(32, "big")),
}


def okp(raw: bytes) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": spelled(raw)}


@pytest.mark.parametrize("raw", ED25519.values(), ids=ED25519.keys())
def test_what_is_no_ed25519_key_is_refused(raw: bytes) -> None:
    with pytest.raises(KeyInvalid) as refusal:
        check_public_jwk(okp(raw))
    assert refusal.value.facts == {}


@pytest.mark.parametrize("point", P_256.values(), ids=P_256.keys())
def test_what_is_no_p256_key_is_refused(point: tuple[bytes, bytes]) -> None:
    x, y = point
    with pytest.raises(KeyInvalid):
        check_public_jwk({"kty": "EC", "crv": "P-256", "x": spelled(x), "y": spelled(y)})


@pytest.mark.parametrize(
    "member",
    [
        spelled(HONEST) + "=",
        spelled(HONEST) + "A",
        spelled(HONEST)[:-1],
        " " + spelled(HONEST),
        spelled(HONEST) + "\n",
        spelled(HONEST).replace(spelled(HONEST)[5], "+"),
        spelled(HONEST)[:-1] + ("9" if spelled(HONEST)[-1] != "9" else "5"),
        "é" * 43,
        "",
        5,
        None,
        [spelled(HONEST)],
    ],
    ids=lambda member: str(member)[-4:],
)
def test_a_coordinate_in_another_spelling_is_refused(member: Any) -> None:
    with pytest.raises(KeyInvalid):
        check_public_jwk({"kty": "OKP", "crv": "Ed25519", "x": member})


@given(st.binary(min_size=32, max_size=32))
def test_every_honest_key_is_taken_and_no_32_bytes_are_a_fault(raw: bytes) -> None:
    assert is_ed25519_key(Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())
    assert is_ed25519_key(raw) in {True, False}
    assert is_p256_key(raw, raw) in {True, False}


def test_honest_keys_of_both_kinds_are_taken() -> None:
    assert check_public_jwk(EC_JWK) == EC_JWK
    assert check_public_jwk(okp(HONEST)) == okp(HONEST)
    for _ in range(20):
        assert check_public_jwk(dict(ECKey.generate_key("P-256").as_dict(private=False)))
        assert check_public_jwk(dict(OKPKey.generate_key("Ed25519").as_dict(private=False)))


CONTRADICTIONS: list[dict[str, Any]] = [
    {"use": "enc"},
    {"use": ["sig"]},
    {"use": None},
    {"key_ops": ["sign"]},
    {"key_ops": ["verify", "sign"]},
    {"key_ops": ["verify", "verify"]},
    {"key_ops": "verify"},
    {"key_ops": []},
    {"alg": "ES256"},
    {"alg": "HS256"},
    {"alg": "none"},
    {"alg": None},
    {"alg": ["EdDSA"]},
    {"kid": 7},
    {"kid": None},
]


@pytest.mark.parametrize("said", CONTRADICTIONS, ids=str)
def test_a_key_that_says_it_is_for_something_else_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(KeyUseContradicted):
        check_public_jwk(okp(HONEST) | said)


@pytest.mark.parametrize(
    "said",
    [
        {"use": "sig", "alg": "EdDSA", "kid": "of our system", "key_ops": ["verify"]},
        {"alg": "Ed25519"},
        {"field_of_tomorrow": {"any": 1}},
    ],
    ids=str,
)
def test_a_key_that_says_what_it_is_for_is_taken_without_what_it_says(said: dict[str, Any]) -> None:
    assert check_public_jwk(okp(HONEST) | said) == okp(HONEST)


@pytest.mark.parametrize("name", ["Ed25519", "EdDSA", "RS256"])
def test_a_p256_key_is_for_es256_alone(name: str) -> None:
    with pytest.raises(KeyUseContradicted):
        check_public_jwk(EC_JWK | {"alg": name})
    assert check_public_jwk(EC_JWK | {"alg": "ES256"})


def test_a_weak_key_is_a_named_refusal_of_registering_and_of_changing(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    body = {
        "client_id": "truong-nghe.may",
        "organisation_id": school["id"],
        "public_jwk": okp(bytes(32)),
    }
    answer = submit(client, body, administrator)
    assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (422, "key-invalid")
    contradicted = body | {"public_jwk": okp(HONEST) | {"use": "enc"}}
    answer = submit(client, contradicted, administrator)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("key-use-contradicted")
    assert submit(client, body | {"public_jwk": okp(HONEST)}, administrator).status_code == 201
    changed = client.put(
        "/directory/v1/clients/truong-nghe.may",
        json={"public_jwk": okp(little(1)), "is_active": True},
        headers={**administrator, "If-Match": '"1"', "Idempotency-Key": f'"{uuid4()}"'},
    )
    assert changed.status_code == 422
    assert changed.json()["type"].endswith("key-invalid")


def submit(client: TestClient, body: dict[str, Any], headers: Headers) -> Any:
    headers = {**headers, "Idempotency-Key": f'"{uuid4()}"'}
    return client.post("/directory/v1/clients", json=body, headers=headers)
