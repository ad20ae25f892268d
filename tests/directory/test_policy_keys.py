"""Client keys and webhook addresses."""

import base64
import hashlib
import hmac
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from services.directory.errors import (
    EndpointAddressRefused,
    KeyInvalid,
    KeyUnsupported,
    PrivateKeySubmitted,
)
from services.directory.policy import (
    check_endpoint,
    check_public_jwk,
    thumbprint,
)
from services.directory.policy.keys import algorithms_of
from shared.kit.webhook_secrets import derive_secret

OKP = OKPKey.generate_key("Ed25519", parameters={"use": "sig", "alg": "Ed25519"})
EC = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    ("key", "algorithms", "members"),
    [
        (OKP, ["Ed25519", "EdDSA"], {"kty", "crv", "x"}),
        (EC, ["ES256"], {"kty", "crv", "x", "y"}),
    ],
)
def test_a_key_is_kept_as_its_bare_members_and_pins_its_algorithm(
    key: OKPKey | ECKey, algorithms: list[str], members: set[str]
) -> None:
    submitted = key.as_dict(private=False)
    kept = check_public_jwk(submitted)
    assert set(kept) == members
    assert all(kept[member] == submitted[member] for member in members)
    assert algorithms_of(kept) == algorithms
    assert thumbprint(kept) == key.thumbprint()


@pytest.mark.parametrize("key", [OKP, EC, RSAKey.generate_key(2048), OctKey.generate_key(256)])
def test_a_key_with_a_private_part_is_refused_whatever_its_type(key: OKPKey | ECKey) -> None:
    with pytest.raises(PrivateKeySubmitted) as refusal:
        check_public_jwk(key.as_dict(private=True))
    assert refusal.value.facts == {}


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "OKP"},
        {"kty": ["OKP"], "crv": {"Ed25519": 1}, "x": "AA"},
        {**EC.as_dict(private=False), "crv": "P-384"},
        OKPKey.generate_key("X25519").as_dict(private=False),
        OKPKey.generate_key("Ed448").as_dict(private=False),
        ECKey.generate_key("P-384").as_dict(private=False),
        RSAKey.generate_key(2048).as_dict(private=False),
    ],
)
def test_a_key_that_is_none_or_of_another_kind_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyUnsupported):
        check_public_jwk(jwk)


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.fixed_dictionaries(
        {"kty": st.sampled_from(["OKP", "EC"]) | VALUES},
        optional={
            "crv": st.sampled_from(["Ed25519", "P-256"]) | VALUES,
            "x": VALUES,
            "y": VALUES,
        },
    ),
)
def test_no_submitted_key_is_a_fault(jwk: dict[str, Any]) -> None:
    with pytest.raises((KeyUnsupported, KeyInvalid)):
        check_public_jwk(jwk)


def test_the_signing_secret_is_the_agreed_derivation() -> None:
    endpoint = UUID("018f2f5e-0000-7000-8000-000000000001")
    master = bytes(range(32))
    expected = hmac.new(master, b"018f2f5e-0000-7000-8000-000000000001|3", hashlib.sha256)
    assert derive_secret(master, endpoint, 3) == (
        "whsec_" + base64.b64encode(expected.digest()).decode()
    )
    assert derive_secret(master, endpoint, 3) == (
        "whsec_XTMOcVV3adiwo6EIrDLl5I/csNR8QgfIzSHrXbEppZQ="
    )


def test_each_version_endpoint_and_master_has_its_own_secret() -> None:
    one, other = UUID(int=1), UUID(int=2)
    secrets = {
        derive_secret(b"a" * 32, one, 1),
        derive_secret(b"a" * 32, one, 2),
        derive_secret(b"a" * 32, other, 1),
        derive_secret(b"b" * 32, one, 1),
    }
    assert len(secrets) == 4


@pytest.mark.parametrize(
    "url",
    [
        "https://truong.edu.vn",
        "https://truong.edu.vn/hooks?from=nhipcau",
        "https://truong.edu.vn:443/hooks",
        "https://TRUONG.edu.vn/hooks",
        "https://xn--trng-7qa8464c.vn/hooks",
    ],
)
def test_a_public_https_address_is_taken(url: str) -> None:
    check_endpoint(url, allow_loopback=False)
    check_endpoint(url, allow_loopback=True)


REFUSED = [
    "",
    "truong.edu.vn",
    "http://truong.edu.vn/hooks",
    "ftp://truong.edu.vn/hooks",
    "https://truong.edu.vn:8443/hooks",
    "https://truong.edu.vn:0/hooks",
    "https://truong.edu.vn:99999/hooks",
    "https://truong.edu.vn:nine/hooks",
    "https://user@truong.edu.vn/hooks",
    "https://user:secret@truong.edu.vn/hooks",
    "https://truong.edu.vn/hooks#part",
    "https://truong.edu.vn/ho oks",
    "https://truong.edu.vn\\@10.0.0.1/",
    "https://tr\u01b0\u1eddng.vn/hooks",
    "https://truong.edu.vn/\r\nHost: other",
    "https://truong",
    "https://localhost/hooks",
    "https://a.localhost/hooks",
    "https://postgres.internal/hooks",
    "https://-a.vn/",
    "https:///hooks",
    "https://8.8.8.8/hooks",
    "https://[2606:4700:4700::1111]/hooks",
    "https://10.0.0.1/hooks",
    "https://127.0.0.1/hooks",
    "https://127.1/hooks",
    "https://2130706433/hooks",
    "https://0x7f000001/hooks",
    "https://0x7f.0.0.0x1/hooks",
    "https://169.254.169.254/latest",
    "https://100.64.0.1/hooks",
    "https://[::1]/hooks",
    "https://[fe80::1]/hooks",
    "https://[::ffff:10.0.0.1]/hooks",
    "https://[64:ff9b::a00:1]/hooks",
    "https://[2002:a00:1::]/hooks",
    "https://[broken/hooks",
]


@pytest.mark.parametrize("allow_loopback", [False, True])
@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_must_not_be_called_is_refused(url: str, allow_loopback: bool) -> None:
    with pytest.raises(EndpointAddressRefused) as refusal:
        check_endpoint(url, allow_loopback=allow_loopback)
    assert refusal.value.facts == {}


def test_loopback_is_taken_only_where_it_is_allowed() -> None:
    check_endpoint("http://127.0.0.1:9000/hooks", allow_loopback=True)
    with pytest.raises(EndpointAddressRefused):
        check_endpoint("http://127.0.0.1:9000/hooks", allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:9000/",
        "http://localhost:9000/",
        "http://[::1]:9000/",
        "http://127.0.0.1@a.vn/",
    ],
)
def test_where_loopback_is_allowed_only_its_one_address_is(url: str) -> None:
    with pytest.raises(EndpointAddressRefused):
        check_endpoint(url, allow_loopback=True)


@given(st.text(max_size=60).map(lambda rest: f"https://{rest}"))
def test_no_address_is_a_fault(url: str) -> None:
    try:
        check_endpoint(url, allow_loopback=False)
    except EndpointAddressRefused:
        return
    assert url.isascii()
    assert "@" not in url.split("/")[2]
