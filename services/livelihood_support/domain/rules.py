"""The rules this release ships with, read once: static data of the package, like its code.

They are the same for every process and every test, so nothing has to hand them in; what decides
with them (``policy``) takes them as facts and reads no file.
"""

from datetime import timedelta
from functools import cache
from importlib.resources import files

from services.livelihood_support.policy import (
    Deadline,
    Rulebook,
    parse_deadline,
    parse_rulebook,
)

PACKAGE = "services.livelihood_support"


def _text(name: str) -> str:
    return files(PACKAGE).joinpath("rules", name).read_text(encoding="utf-8")


@cache
def rulebook() -> Rulebook:
    """Who is entitled to what."""
    return parse_rulebook(_text("entitlements.toml"))


@cache
def answer_deadline() -> Deadline:
    """How long an organisation has to answer an offer."""
    return parse_deadline(_text("deadlines.toml"), "referral.answer")


@cache
def purge_deadline() -> Deadline:
    """How long an organisation has to confirm a purge before a caseworker asks."""
    return parse_deadline(_text("deadlines.toml"), "purge.confirmation")


@cache
def assured_for() -> timedelta | None:
    """How long an assurance of the directory holds; ``None`` while no period is set."""
    days = parse_deadline(_text("deadlines.toml"), "directory.freshness").amount
    return None if days is None else timedelta(days=days)
