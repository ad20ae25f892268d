"""What cannot wait."""

from enum import StrEnum


class Need(StrEnum):
    """What the person needs that cannot wait."""

    SHELTER = "shelter"
    FOOD = "food"
    MEDICAL = "medical"
    SAFETY = "safety"
    CLOTHING = "clothing"
