"""What takes two people: one proposes it, another confirms it."""

from typing import Any

from shared.kit.errors import Conflict


class AnotherMustConfirm(Conflict):
    """Whoever proposed it cannot confirm it."""


def check_another(actor: str, proposed_by: str, **facts: Any) -> None:
    """Raise ``AnotherMustConfirm`` for whoever proposed it themselves."""
    if actor == proposed_by:
        raise AnotherMustConfirm(**facts)
