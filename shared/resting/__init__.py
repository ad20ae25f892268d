"""Which open cases rest on rows of the law that are not certain: one answer for every service."""

from shared.resting.reading import (
    RestingCase,
    RestingRow,
    RestingThing,
    Source,
    count_resting,
    find_resting,
    resting,
    rows_of,
)

__all__ = [
    "RestingCase",
    "RestingRow",
    "RestingThing",
    "Source",
    "count_resting",
    "find_resting",
    "resting",
    "rows_of",
]
