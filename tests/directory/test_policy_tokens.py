"""Access tokens and the requests for them, without a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.directory.errors.tokens import InvalidRequest, InvalidScope, UnsupportedGrantType
from services.directory.policy import (
    TokenIssuer,
    narrow,
    parse_token_request,
)
from services.directory.policy import tokens as token_policy
from services.directory.policy.tokens import FORM
from shared.contracts.directory import CLIENT_ASSERTION
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit import auth
from shared.kit.auth import TokenVerifier
from shared.kit.errors import Unauthenticated
from shared.kit.subjects import Grant
from tests.directory.builders import CLIENT_ID, ISSUER, TOKEN_ENDPOINT, held
from tests.subjects import somebody

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


def test_an_issued_token_is_accepted_by_every_service(
    token_issuer: TokenIssuer, verifier: TokenVerifier
) -> None:
    subject = replace(
        somebody(uuid4()),
        organisation_kind=OrganisationKind.HOSPITAL,
        grants=frozenset({Grant("provider", "31"), Grant("receiver", "VN")}),
    )
    token = token_issuer.sign(subject, client_id="console", jti=uuid4(), now=datetime.now(UTC))
    assert verifier.verify(token) == subject


def test_a_token_has_the_claims_of_rfc_9068_and_no_more_than_ten_minutes(
    token_issuer: TokenIssuer, token_key: OKPKey
) -> None:
    subject = somebody(uuid4(), Role.VERIFIER, client_id=CLIENT_ID)
    jti = uuid4()
    token = token_issuer.sign(subject, client_id=CLIENT_ID, jti=jti, now=NOW)
    decoded = jwt.decode(token, token_key, ["Ed25519"])
    assert decoded.header == {"alg": "Ed25519", "typ": "at+jwt", "kid": "test"}
    assert decoded.claims == {
        "iss": ISSUER,
        "aud": "nhipcau",
        "sub": CLIENT_ID,
        "client_id": CLIENT_ID,
        "iat": AT,
        "exp": AT + 600,
        "jti": str(jti),
        "subject_kind": "client",
        "amr": ["pop"],
        "auth_time": 0,
        "organisation_id": str(subject.organisation_id),
        "organisation_kind": "commune_committee",
        "grants": [["verifier", "31"]],
    }


def test_the_directory_signs_as_the_verifiers_of_all_services_expect() -> None:
    assert token_policy.ALGORITHM == auth.ALGORITHM
    assert token_policy.TOKEN_TYPE == auth.TOKEN_TYPE


def test_a_token_of_a_foreign_key_is_not_accepted(
    tmp_path: Path, token_issuer: TokenIssuer
) -> None:
    other = OKPKey.generate_key("Ed25519", parameters={"kid": "test"})
    path = tmp_path / "jwks.json"
    path.write_bytes(orjson.dumps({"keys": [other.as_dict(private=False)]}))
    token = token_issuer.sign(
        somebody(uuid4()), client_id=CLIENT_ID, jti=uuid4(), now=datetime.now(UTC)
    )
    with pytest.raises(Unauthenticated):
        TokenVerifier(path, issuer=ISSUER, audience="nhipcau").verify(token)


def issuer_of(private: OKPKey, *published: Mapping[str, Any]) -> TokenIssuer:
    return TokenIssuer.of(
        issuer=ISSUER,
        audience="nhipcau",
        token_endpoint=TOKEN_ENDPOINT,
        private_jwk=orjson.dumps(private.as_dict(private=True)),
        jwks=orjson.dumps({"keys": list(published)}),
    )


def test_a_key_that_the_services_do_not_trust_signs_nothing() -> None:
    mine, other = (OKPKey.generate_key("Ed25519", auto_kid=True) for _ in range(2))
    with pytest.raises(ValueError, match="lacks the key that signs"):
        issuer_of(mine, other.as_dict(private=False))


def test_the_key_set_never_shows_a_private_part() -> None:
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    assert "d" not in issuer_of(key, key.as_dict(private=True)).jwks["keys"][0]


def form(**changes: str | None) -> bytes:
    told = {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION,
        "client_assertion": "a.b.c",
    }
    kept = {name: value for name, value in (told | changes).items() if value is not None}
    return "&".join(f"{name}={value}" for name, value in kept.items()).encode()


def test_a_token_request_is_read_from_its_form() -> None:
    asked = parse_token_request(f"{FORM}; charset=utf-8", form(scope="provider+receiver"))
    assert asked.assertion == "a.b.c"
    assert asked.scope == {"provider", "receiver"}
    assert asked.client_id is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", form()),
        ("application/json", form()),
        (FORM, b""),
        (FORM, form(grant_type=None)),
        (FORM, form(client_assertion=None)),
        (FORM, form(client_assertion="")),
        (FORM, form(client_assertion="x" * 4097)),
        (FORM, form(client_assertion_type=None)),
        (FORM, form(client_assertion_type="saml2-bearer")),
        (FORM, form() + b"&scope=provider&scope=operator"),
        (FORM, form() + b"&grant_type=client_credentials"),
        (FORM, form() + b"&x=%ff"),
        (FORM, "é=1".encode()),
        (FORM, b"&".join(b"a%d=1" % number for number in range(30))),
    ],
)
def test_a_malformed_token_request_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_token_request(content_type, body)


def test_no_other_grant_is_given() -> None:
    with pytest.raises(UnsupportedGrantType):
        parse_token_request(FORM, form(grant_type="authorization_code"))


ROLES = (held(Role.PROVIDER), held(Role.RECEIVER, "11557"))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(set(), ROLES), ({"provider"}, ROLES[:1]), ({"provider", "receiver"}, ROLES)],
)
def test_a_scope_narrows_a_token_to_roles_that_are_held(scope: set[str], expected: object) -> None:
    assert narrow(ROLES, scope) == expected


@pytest.mark.parametrize("scope", [{"administrator"}, {"provider", "administrator"}, {"x"}])
def test_a_scope_never_widens_a_token(scope: set[str]) -> None:
    with pytest.raises(InvalidScope):
        narrow(ROLES, scope)
