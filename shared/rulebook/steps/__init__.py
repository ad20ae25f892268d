"""How the table of published rows came to be."""

from shared.kit.steps import Steps
from shared.rulebook.tables import LAW_ROWS

rulebook = Steps("rulebook", __name__, LAW_ROWS.metadata)
"""Taken by services that act on a dated row, and by the directory."""
