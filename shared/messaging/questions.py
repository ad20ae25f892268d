"""What one service asks another over HTTP, signed with the key that the two of them share.

For what must be decided at the moment at which it is asked, and be kept by nobody in between (ADR
0056). Everything else is told by messages. What is signed here is nothing that the broker carries,
nor the other way round: the digest is over whether it is a question or an answer, too.
"""

import hashlib
import hmac
from enum import Enum

import orjson

from shared.messaging.envelope import Links

SIGNATURE = "nhipcau-signature"
"""The header of a question, and of its answer: the id of a key, a dot and a digest."""


class Said(Enum):
    """What is signed."""

    QUESTION = "http-question"
    ANSWER = "http-answer"


def sign(links: Links, peer: str, said: Said, text: bytes) -> str:
    """The signature over what is told to a peer."""
    kid = links.current[peer]
    return f"{kid}.{_digest(links.keys[peer][kid], [said.value, links.service, peer, kid], text)}"


def is_signed(links: Links, peer: str, said: Said, text: bytes, signature: str) -> bool:
    """Whether a peer has signed this for the service whose links these are; never raises."""
    kid, _, given = signature.rpartition(".")
    key = links.keys.get(peer, {}).get(kid)
    if key is None:
        return False
    expected = _digest(key, [said.value, peer, links.service, kid], text)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _digest(key: bytes, head: list[str], text: bytes) -> str:
    return hmac.digest(key, orjson.dumps(head) + text, hashlib.sha256).hex()
