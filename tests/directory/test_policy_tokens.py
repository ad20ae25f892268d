"""Client assertions and access tokens, without a database."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from services.directory.errors import (
    AssertionFault,
    InvalidClient,
    InvalidRequest,
    InvalidScope,
    UnsupportedGrantType,
)
from services.directory.policy import (
    Assertion,
    Grant,
    TokenIssuer,
    check_assertion,
    check_public_jwk,
    claimed_client,
    narrow,
    parse_token_request,
)
from services.directory.policy import tokens as token_policy
from services.directory.policy.tokens import ASSERTION_TYPE, FORM
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit import auth
from shared.kit.auth import TokenVerifier
from tests.directory.builders import CLIENT_ID, ISSUER, TOKEN_ENDPOINT, Signer, held

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
    return refusal.value.facts["reason"]


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
        ({"exp": AT + 331}, AssertionFault.TOO_LONG),
        ({"exp": AT + 86_400}, AssertionFault.TOO_LONG),
        ({"iat": AT + 31}, AssertionFault.NOT_YET_VALID),
        ({"nbf": AT + 31}, AssertionFault.NOT_YET_VALID),
        ({"iat": "now"}, AssertionFault.NOT_YET_VALID),
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


def test_an_issued_token_is_accepted_by_every_service(
    token_issuer: TokenIssuer, verifier: TokenVerifier
) -> None:
    grant = Grant(
        client_id=CLIENT_ID,
        organisation_id=uuid4(),
        organisation_kind=OrganisationKind.HOSPITAL,
        roles=("provider", "receiver"),
        area_codes=("31", "VN"),
    )
    caller = verifier.verify(token_issuer.sign(grant, jti=uuid4(), now=datetime.now(UTC)))
    assert caller.client_id == CLIENT_ID
    assert caller.organisation_id == grant.organisation_id
    assert caller.organisation_kind == "hospital"
    assert caller.roles == {"provider", "receiver"}
    assert caller.area_codes == {"31", "VN"}


def test_a_token_has_the_claims_of_rfc_9068_and_no_more_than_ten_minutes(
    token_issuer: TokenIssuer, token_key: OKPKey
) -> None:
    grant = Grant(CLIENT_ID, uuid4(), OrganisationKind.POLICE, ("verifier",), ("31",))
    jti = uuid4()
    decoded = jwt.decode(token_issuer.sign(grant, jti=jti, now=NOW), token_key, ["Ed25519"])
    assert decoded.header == {"alg": "Ed25519", "typ": "at+jwt", "kid": "test"}
    assert decoded.claims == {
        "iss": ISSUER,
        "aud": "nhipcau",
        "sub": CLIENT_ID,
        "client_id": CLIENT_ID,
        "iat": AT,
        "exp": AT + 600,
        "jti": str(jti),
        "organisation_id": str(grant.organisation_id),
        "organisation_kind": "police",
        "roles": ["verifier"],
        "area_codes": ["31"],
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
    grant = Grant(CLIENT_ID, uuid4(), OrganisationKind.POLICE, (), ())
    token = token_issuer.sign(grant, jti=uuid4(), now=datetime.now(UTC))
    with pytest.raises(auth.Unauthenticated):
        TokenVerifier(path, issuer=ISSUER, audience="nhipcau").verify(token)


def issuer_of(private: OKPKey, *published: dict[str, object]) -> TokenIssuer:
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
        "client_assertion_type": ASSERTION_TYPE,
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
