"""Phones: kept as E.164; a number that may ring at a stranger's is never called confirmed."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from services.intake.policy.numbering import is_maybe_former_landline, present_mobile
from shared.kit.texts import spelled

HOME = "VN"
HOME_CALLING_CODE = 84


class ContactWay(StrEnum):
    """How somebody may be reached under a number."""

    CALL = "call"
    MESSAGE = "message"
    """A text message, which whoever holds the phone can read later."""


@dataclass(frozen=True, repr=False)
class Phone:
    """A number as E.164; unconfirmed when it is not assigned, or may be a former landline."""

    number: str
    is_confirmed: bool
    is_maybe_landline: bool


def read_phone(text: str) -> Phone | None:
    """The number a text gives, ``None`` when it cannot be one (short codes included).

    However it is spelled, and for mobiles also as it was before 2018, it is the same number.
    """
    parsed = _parsed(spelled(text))
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return None
    is_home = parsed.country_code == HOME_CALLING_CODE
    national = phonenumbers.national_significant_number(parsed)
    if is_home and (present := present_mobile(national)):
        return _phone(_parsed(present) or parsed, is_maybe_landline=False)
    return _phone(parsed, is_maybe_landline=is_home and is_maybe_former_landline(national))


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None


def _phone(parsed: phonenumbers.PhoneNumber, *, is_maybe_landline: bool) -> Phone:
    return Phone(
        number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        is_confirmed=phonenumbers.is_valid_number(parsed) and not is_maybe_landline,
        is_maybe_landline=is_maybe_landline,
    )
