"""How the table of recognised keys came to be."""

from shared.kit.key_checks import KEY_CHECKS
from shared.kit.steps import Steps

key_checks = Steps("key_checks", __name__, KEY_CHECKS.metadata)
"""Taken by services that keep something under a key of their own."""
