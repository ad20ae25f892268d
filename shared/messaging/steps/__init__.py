"""How messaging's tables came to be."""

from shared.kit.steps import Steps
from shared.messaging.tables import METADATA

messaging = Steps("messaging", __name__, METADATA)
"""Taken by every service."""
