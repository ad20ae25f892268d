"""What keeps the table of clocks from growing without end."""

from datetime import date

from shared.kit.retention import Kept

RETENTION = Kept(
    "clocks",
    "which periods were kept and which were not; the period the law asks for is unset, so nothing"
    " is deleted",
    date(2026, 11, 28),
)
"""A row for each service that keeps clocks."""
