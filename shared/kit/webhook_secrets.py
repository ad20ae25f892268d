"""The secret of a webhook endpoint, derived from one master wherever it is needed.

The directory shows it to the organisation and notification signs with it, and neither stores it.
"""

import base64
import hashlib
import hmac
from uuid import UUID

PREFIX = "whsec_"
"""How Standard Webhooks 1.0 marks a symmetric secret."""


def derive_key(master: bytes, endpoint_id: UUID, version: int) -> bytes:
    """HMAC-SHA256 of the text ``<endpoint id>|<version>`` under the master of 32 bytes."""
    return hmac.digest(master, f"{endpoint_id}|{version}".encode(), hashlib.sha256)


def derive_secret(master: bytes, endpoint_id: UUID, version: int) -> str:
    """The key of one version of an endpoint as a text: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(derive_key(master, endpoint_id, version)).decode()
