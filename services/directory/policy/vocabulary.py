"""The closed vocabularies that only the directory uses."""

from enum import StrEnum


class UnitKind(StrEnum):
    """Administrative units before and after 1 July 2025 (Resolution 202/2025/QH15)."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"
