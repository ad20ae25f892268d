"""Being logged in: how long it lasts, and what is kept of it."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.directory.policy.passkeys import RelyingParty
from shared.access import needs_second_factor
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Grant, Means

IDLE = timedelta(minutes=20)
"""Without a request: shared machines stand in offices."""
LONGEST = timedelta(hours=8)
"""A working day."""
HALF = timedelta(minutes=10)
"""For the step that is still to be taken: an app is installed and set up in it."""
CHALLENGE_LASTS = timedelta(minutes=5)
"""Somebody looks for the key of the passkey, and types its number."""
CONFIRMED_FOR = timedelta(minutes=5)
"""Whoever changes how they log in has shown anew that it is them, and not who found a machine."""
KNOWN_FOR = timedelta(days=90)
"""A browser that was not used for so long is known no more."""
TOKEN_BYTES = 32
LONGEST_TOKEN = 64

STRONG = frozenset({Means.ONE_TIME_CODE, Means.PASSKEY, Means.RECOVERY_CODE})
"""What shows more than that somebody knows the password."""


@dataclass(frozen=True)
class LogInRules:
    """What an installation has decided about logging in."""

    is_second_factor_required: bool
    """Off in a sandbox only, and then every log-in says so."""
    link_lifetime: timedelta
    party: RelyingParty
    """The address that people open, and that passkeys are made for."""


def new_token() -> str:
    """A secret that stands for a session, or for a browser that is known."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """What is kept of it: of 256 random bits a plain digest tells nothing."""
    return hashlib.sha256(token.encode()).digest()


def asks_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether some of these roles are acted in after a second factor only."""
    return any(needs_second_factor(Role(grant.role)) for grant in grants)


def usable(grants: Iterable[Grant], means: Iterable[str], *, rules: LogInRules) -> frozenset[Grant]:
    """What somebody who has logged in by these means may act in."""
    is_strong = not STRONG.isdisjoint(means) or not rules.is_second_factor_required
    return frozenset(it for it in grants if is_strong or not needs_second_factor(Role(it.role)))
