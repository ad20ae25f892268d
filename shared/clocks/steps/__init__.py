"""How the table of clocks came to be."""

from shared.clocks.tables import METADATA
from shared.kit.steps import Steps

clocks = Steps("clocks", __name__, METADATA)
"""Taken by every service that keeps clocks."""
