"""Standard Webhooks 1.0, symmetric: HMAC-SHA256 over ``id.timestamp.body`` under ``v1``.

For a day after a change of the secret every webhook carries two signatures, the second with the
former secret: the receiver changes over within that day and refuses nothing meanwhile. After that
day the former secret is worth nothing, wherever it is kept.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.kit.webhook_secrets import PREFIX, derive_key

VERSION = "v1"
TOLERANCE = 300
"""Seconds a timestamp may lie in the past or in the future."""
OVERLAP = timedelta(days=1)
"""How long the secret before is still signed with, from the moment the next one was made."""
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret (Standard Webhooks, section on symmetric secrets)."""

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def key_of(secret: str) -> bytes | None:
    """The key inside a secret; ``None`` for what is no secret of 24 to 64 bytes."""
    if not secret.startswith(PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if SHORTEST <= len(key) <= LONGEST else None


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature, ``v1,`` and base64."""
    content = _bytes(f"{webhook_id}.{timestamp}.") + body
    return f"{VERSION},{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def headers_of(
    master: bytes,
    *,
    endpoint_id: UUID,
    secret_version: int,
    secret_since: datetime,
    webhook_id: str,
    timestamp: int,
    body: bytes,
) -> dict[str, str]:
    """The three headers of a webhook; two signatures, the newer first, in the day of a change."""
    versions = [secret_version]
    if secret_version > 1 and timestamp < (secret_since + OVERLAP).timestamp():
        versions.append(secret_version - 1)
    signatures = (
        sign(derive_key(master, endpoint_id, version), webhook_id, timestamp, body)
        for version in versions
    )
    return {ID: webhook_id, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(signatures)}


def signed(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of what is signed with a secret that both sides were given."""
    key = key_of(secret)
    if key is None:
        raise ValueError("no secret of Standard Webhooks")
    signature = sign(key, webhook_id, timestamp, body)
    return {ID: webhook_id, TIMESTAMP: str(timestamp), SIGNATURE: signature}


def secrets_in(text: str) -> tuple[str, ...]:
    """The secrets of a file, one a line; what is none is a ``ValueError``, for it would sign none.

    The first signs; all of them are believed, so that they can be changed without a gap.
    """
    found = tuple(text.split())
    if not found or any(key_of(each) is None for each in found):
        raise ValueError("no secret of Standard Webhooks")
    return found


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
) -> bool:
    """Whether one of these secrets signed this webhook within 300 s of ``now`` (Unix seconds).

    Header names are lower-case. Never raises: whatever is malformed is simply not genuine.
    """
    webhook_id, sent_at = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not webhook_id or not _SECONDS.fullmatch(sent_at) or abs(now - int(sent_at)) > TOLERANCE:
        return False
    keys = [key for key in map(key_of, secrets) if key is not None]
    expected = [_bytes(sign(key, webhook_id, int(sent_at), body)) for key in keys]
    given = [_bytes(each) for each in headers.get(SIGNATURE, "").split(" ")]
    return any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
