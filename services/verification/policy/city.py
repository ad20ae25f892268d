"""Which units lie in Hải Phòng, by the numbers they have in the state's list.

The list numbers provinces, districts and communes one after the other, province by province, so a
unit's number says where it lies. Hải Dương became part of the city on 1 July 2025 (Resolution
202/2025/QH15), when districts ended.
"""

from datetime import date

WHOLE_CITY = "31"

MERGED_ON = date(2025, 7, 1)

DISTRICTS = range(303, 319)
COMMUNES_BEFORE = range(11296, 11949)
COMMUNES = range(10507, 11949)
"""With those of what was Hải Dương."""


def is_in_city(area_code: str, on: date) -> bool:
    """Whether a unit of this number lies in the city on this day."""
    if not area_code.isascii() or not area_code.isdigit():
        return False
    number, is_merged = int(area_code), on >= MERGED_ON
    match len(area_code):
        case 2:
            return area_code == WHOLE_CITY
        case 3:
            return not is_merged and number in DISTRICTS
        case 5:
            return number in (COMMUNES if is_merged else COMMUNES_BEFORE)
        case _:
            return False
