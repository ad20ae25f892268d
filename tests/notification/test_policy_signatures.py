"""Standard Webhooks: the published vectors, the independent implementation, and malformed input."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from services.notification.policy import headers_of, sign, verify
from services.notification.policy.signatures import ID, SIGNATURE, TIMESTAMP, key_of
from shared.kit.identifiers import new_id
from shared.kit.webhook_secrets import derive_secret
from tests.published import published

MASTER = bytes(range(32))
ENDPOINT = new_id()
BODY = b'{"type":"x"}'


VECTORS: dict[str, Any] = published("webhooks.json")
SIGNED: list[dict[str, Any]] = VECTORS["signed"]


def headers_with(vector: dict[str, Any], signature: str) -> dict[str, str]:
    return {
        ID: vector["msg_id"],
        TIMESTAMP: str(vector["timestamp"]),
        SIGNATURE: signature,
    }


def test_published_signatures_are_made_and_accepted() -> None:
    for vector in SIGNED:
        body = vector["body"].encode()
        key = key_of(vector["secret"])
        assert key is not None
        assert sign(key, vector["msg_id"], vector["timestamp"], body) == vector["signature"]
        headers = headers_with(vector, vector["signature"])
        assert verify([vector["secret"]], headers, body, now=vector["timestamp"])


def test_published_bad_signatures_are_refused_without_an_error() -> None:
    vector = SIGNED[0]
    for signature in VECTORS["forged"]:
        headers = headers_with(vector, signature)
        body = vector["body"].encode()
        assert not verify([vector["secret"]], headers, body, now=vector["timestamp"]), signature


def test_a_published_good_signature_among_bad_ones_is_accepted() -> None:
    vector = SIGNED[0]
    for signatures in VECTORS["several"]:
        headers = headers_with(vector, signatures)
        body = vector["body"].encode()
        assert verify([vector["secret"]], headers, body, now=vector["timestamp"])


def test_published_secrets_are_taken_or_not() -> None:
    for secret, is_taken in VECTORS["secrets"].items():
        assert (key_of(secret) is not None) is is_taken, secret


def signed(version: int, now: float, secret_age: float = 0) -> dict[str, str]:
    return headers_of(
        MASTER,
        endpoint_id=ENDPOINT,
        secret_version=version,
        secret_since=datetime.fromtimestamp(now - secret_age, UTC),
        webhook_id=str(new_id()),
        timestamp=int(now),
        body=BODY,
    )


def test_the_independent_implementation_accepts_what_we_sign() -> None:
    headers = signed(1, datetime.now(UTC).timestamp())
    assert Webhook(derive_secret(MASTER, ENDPOINT, 1)).verify(BODY, headers) == {"type": "x"}
    with pytest.raises(WebhookVerificationError):
        Webhook(derive_secret(MASTER, new_id(), 1)).verify(BODY, headers)


def test_we_accept_what_the_independent_implementation_signs() -> None:
    secret = derive_secret(MASTER, ENDPOINT, 3)
    at = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    signature = Webhook(secret).sign("msg_1", at, BODY.decode())
    headers = {ID: "msg_1", TIMESTAMP: str(int(at.timestamp())), SIGNATURE: signature}
    assert verify([secret], headers, BODY, now=at.timestamp())


@pytest.mark.parametrize(("version", "accepted"), [(1, {1}), (2, {1, 2}), (5, {4, 5})])
def test_after_a_rotation_the_secret_before_is_still_signed_with(
    version: int,
    accepted: set[int],
) -> None:
    headers = signed(version, datetime.now(UTC).timestamp())
    for candidate in range(1, 7):
        secret = derive_secret(MASTER, ENDPOINT, candidate)
        is_ours = verify([secret], headers, BODY, now=int(headers[TIMESTAMP]))
        assert is_ours is (candidate in accepted)
        if is_ours:
            Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize(("seconds", "is_signed_twice"), [(86_399, True), (86_400, False)])
def test_the_secret_before_is_signed_with_for_a_day_and_no_longer(
    seconds: int,
    *,
    is_signed_twice: bool,
) -> None:
    at = 1_700_000_000
    headers = signed(2, at, secret_age=seconds)
    former, present = (derive_secret(MASTER, ENDPOINT, version) for version in (1, 2))
    assert verify([present], headers, BODY, now=at)
    assert verify([former], headers, BODY, now=at) is is_signed_twice
    assert len(headers[SIGNATURE].split(" ")) == (2 if is_signed_twice else 1)


def test_a_secret_is_the_derivation_the_directory_shows() -> None:
    digest = hmac.new(MASTER, f"{ENDPOINT}|2".encode(), hashlib.sha256).digest()
    assert derive_secret(MASTER, ENDPOINT, 2) == "whsec_" + base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("drift", "is_genuine"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)]
)
def test_a_timestamp_may_be_five_minutes_off(drift: int, *, is_genuine: bool) -> None:
    headers = signed(1, 1_700_000_000)
    secret = derive_secret(MASTER, ENDPOINT, 1)
    assert verify([secret], headers, BODY, now=1_700_000_000 + drift) is is_genuine


@pytest.mark.parametrize("name", [ID, TIMESTAMP, SIGNATURE])
@pytest.mark.parametrize("change", ["drop", "empty", "other"])
def test_every_header_is_needed_and_signed(name: str, change: str) -> None:
    headers = signed(1, 1_700_000_000)
    if change == "drop":
        del headers[name]
    else:
        headers[name] = "" if change == "empty" else "1700000001"
    secret = derive_secret(MASTER, ENDPOINT, 1)
    assert not verify([secret], headers, BODY, now=1_700_000_000)


def test_another_body_is_refused() -> None:
    secret = derive_secret(MASTER, ENDPOINT, 1)
    assert not verify([secret], signed(1, 1_700_000_000), BODY + b" ", now=1_700_000_000)


@given(
    secret=st.text(),
    webhook_id=st.text(),
    timestamp=st.one_of(st.text(), st.integers().map(str)),
    signature=st.text(),
    body=st.binary(),
)
def test_malformed_headers_are_refused_and_never_raise(
    secret: str,
    webhook_id: str,
    timestamp: str,
    signature: str,
    body: bytes,
) -> None:
    headers = {ID: webhook_id, TIMESTAMP: timestamp, SIGNATURE: signature}
    secrets = [secret, derive_secret(MASTER, ENDPOINT, 1)]
    assert not verify(secrets, headers, body, now=1_700_000_000)


@given(st.text(alphabet="\ud800\udfffé\x00,v1 ", min_size=1))
def test_letters_no_header_can_hold_are_refused(letters: str) -> None:
    headers = {ID: letters, TIMESTAMP: "1700000000", SIGNATURE: f"v1,{letters}"}
    assert not verify([derive_secret(MASTER, ENDPOINT, 1)], headers, BODY, now=1_700_000_000)
