"""Phones: kept as E.164; a number that may ring at a stranger's is never called confirmed."""

from dataclasses import dataclass

import phonenumbers

HOME = "VN"
HOME_CALLING_CODE = 84
FORMER_LANDLINES = ("31", "320")
"""Area codes of Hải Phòng and Hải Dương until 2017. Read today, 031x and 0320x are mobiles."""


@dataclass(frozen=True, repr=False)
class Phone:
    """A number as E.164; unconfirmed when it is not assigned, or may be a former landline."""

    number: str
    is_confirmed: bool
    is_maybe_landline: bool


def read_phone(text: str) -> Phone | None:
    """The number a text gives, ``None`` when it cannot be one (short codes included)."""
    try:
        parsed = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    national = phonenumbers.national_significant_number(parsed)
    is_home = parsed.country_code == HOME_CALLING_CODE
    is_maybe_landline = is_home and national.startswith(FORMER_LANDLINES)
    return Phone(
        number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        is_confirmed=phonenumbers.is_valid_number(parsed) and not is_maybe_landline,
        is_maybe_landline=is_maybe_landline,
    )
