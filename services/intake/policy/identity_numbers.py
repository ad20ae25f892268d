"""Numbers of identity documents: looked at, never refused, for many of them are wrong.

A citizen's number (CCCD) is province, century and sex, year, six digits, without a check digit
(Circular 59/2021/TT-BCA Art. 4). Births registered abroad carry country codes in front, so an
unknown province is no error.
"""

import re
from datetime import date
from enum import StrEnum

from services.intake.policy.ages import Birth
from services.intake.policy.findings import Caution
from shared.contracts.vocabulary import Sex
from shared.kit.texts import unseparated

CITIZEN = re.compile(r"[0-9]{3}([0-9])([0-9]{2})[0-9]{6}")
FORMER = re.compile(r"[0-9]{9}(?:[0-9]{3})?")
FIRST_CENTURY = 1900


class IdentityDocumentType(StrEnum):
    """What a number was read from."""

    CCCD = "CCCD"
    CMND = "CMND"
    PASSPORT = "PASSPORT"
    OTHER = "OTHER"


def searchable_number(number: str) -> str | None:
    """A number as it is compared with others; ``None`` when it has nothing to compare.

    However it is separated and in whatever digits it is written, it is one number. Letters of
    other scripts would vanish from the index and make strangers equal.
    """
    plain = unseparated(number).upper()
    return plain if plain.isascii() and plain.isalnum() else None


def look_at_number(
    kind: IdentityDocumentType,
    number: str,
    *,
    sex: Sex,
    birth: Birth,
    today: date,
) -> frozenset[Caution]:
    """What is odd about a number, as codes."""
    plain = unseparated(number)
    if kind is IdentityDocumentType.CMND:
        return _former(plain)
    if kind is IdentityDocumentType.CCCD:
        return _citizen(plain, sex, birth, today)
    return frozenset()


def _former(plain: str) -> frozenset[Caution]:
    is_usual = FORMER.fullmatch(plain) is not None
    return frozenset() if is_usual else frozenset({Caution.IDENTITY_NUMBER_FORMAT})


def _citizen(plain: str, sex: Sex, birth: Birth, today: date) -> frozenset[Caution]:
    found = CITIZEN.fullmatch(plain)
    if found is None:
        return frozenset({Caution.IDENTITY_NUMBER_FORMAT})
    century_and_sex = int(found[1])
    year = FIRST_CENTURY + century_and_sex // 2 * 100 + int(found[2])
    coded = Sex.FEMALE if century_and_sex % 2 else Sex.MALE
    oddities = {
        Caution.IDENTITY_NUMBER_IN_FUTURE: year > today.year,
        Caution.IDENTITY_NUMBER_SEX: sex not in {coded, Sex.OTHER},
        Caution.IDENTITY_NUMBER_YEAR: year != birth.year,
    }
    return frozenset(warning for warning, is_odd in oddities.items() if is_odd)
