"""How telephone numbers of Việt Nam were written before they were renumbered.

Decision 2036/QĐ-BTTTT of 21 November 2016 made every area code 2xx, in three steps until
17 June 2017; the codes it freed became mobile prefixes on 15 September 2018, when mobiles of ten
digits (eleven with the leading 0) lost one. Only the prefix changed, never the digits behind it.
"""

from collections.abc import Mapping
from types import MappingProxyType

MOBILES: Mapping[str, str] = MappingProxyType(
    {
        # Viettel
        "162": "32", "163": "33", "164": "34", "165": "35",
        "166": "36", "167": "37", "168": "38", "169": "39",
        # MobiFone
        "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
        # VinaPhone
        "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
        # Vietnamobile, Gmobile
        "186": "56", "188": "58", "199": "59",
    }
)  # fmt: skip
"""Former mobile prefixes and what they became."""
FORMER_MOBILE_DIGITS = 10
PREFIX_DIGITS = 3

HOME_AREA_CODES = ("31", "320")
"""Hải Phòng and Hải Dương until 2017: whatever begins so is more likely a landline of this area."""
AREA_CODES = frozenset(
    {
        "4", "8", "20", "22", "25", "26", "27", "29", "30", "31", "33", "36", "37", "38", "39",
        "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "66", "67",
        "68", "70", "72", "73", "74", "75", "76", "77", "79", "230", "231", "240", "241", "280",
        "281", "320", "321", "350", "351", "500", "501", "510", "511", "650", "651", "710", "711",
        "780", "781",
    }
)  # fmt: skip
"""Every area code that ended in 2017, without the leading 0."""
AREA_CODE_DIGITS = (1, 2, 3)
FIRST_OF_LANDLINES = ("3", "6")
"""Since 2008 landlines of VNPT began with 3 behind the area code and those of Viettel with 6;
together nearly all. Other digits there are left to the mobiles of today."""
CITIES = ("4", "8")
"""Hà Nội and Hồ Chí Minh City, whose landlines had eight digits; everyone else's seven."""
FIRST_OF_CITIES = ("35", "36", "37", "38", "39", "62", "66")
"""The same there: VNPT's 3 stood before numbers that had begun with 5 to 9. Without the second
digit every mobile of 083 and 086 would be doubted."""


def present_mobile(national: str) -> str | None:
    """A former mobile number as it is since 2018; ``None`` for any other number."""
    present = MOBILES.get(national[:PREFIX_DIGITS])
    if present is None or len(national) != FORMER_MOBILE_DIGITS:
        return None
    return present + national[PREFIX_DIGITS:]


def is_maybe_former_landline(national: str) -> bool:
    """Whether this may be a landline as written before 2017, which is a stranger's mobile today."""
    return national.startswith(HOME_AREA_CODES) or any(
        _is_landline_of(national[:digits], national) for digits in AREA_CODE_DIGITS
    )


def _is_landline_of(code: str, national: str) -> bool:
    digits, first = (8, FIRST_OF_CITIES) if code in CITIES else (7, FIRST_OF_LANDLINES)
    subscriber = national.removeprefix(code)
    return code in AREA_CODES and len(subscriber) == digits and subscriber.startswith(first)
