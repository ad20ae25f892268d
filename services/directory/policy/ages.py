"""Whom a programme takes, by age in completed years."""

from services.directory.errors import AgesCrossed


def check_ages(minimum: int | None, maximum: int | None) -> None:
    """Raise ``AgesCrossed`` when nobody could have an age between the two."""
    if minimum is not None and maximum is not None and minimum > maximum:
        raise AgesCrossed
