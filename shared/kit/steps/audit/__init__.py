"""How the audit's table came to be."""

from shared.kit.audit import AUDIT
from shared.kit.steps import Steps

audit = Steps("audit", __name__, AUDIT.metadata)
"""Taken by every service."""
