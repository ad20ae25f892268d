"""How the ledger of idempotency keys came to be."""

from shared.kit.idempotency import KEYS
from shared.kit.steps import Steps

idempotency = Steps("idempotency", __name__, KEYS.metadata)
"""Taken by every service."""
