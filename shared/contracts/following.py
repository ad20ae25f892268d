"""What whoever follows a case learns of its referrals, without a part in them.

The agency that submitted a case follows it; it serves nobody and decides nothing. It learns that
help goes on, and not of whom, nor what ails the person: "a referral to the psychiatric hospital" is
a diagnosis. Whoever owns the case, and whoever was asked, reads the code itself.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from shared.contracts.vocabulary import EntitlementCode


class NeedKind(StrEnum):
    """The kind of a need, as it is shown to whoever has no part in it."""

    ESSENTIAL = "ESSENTIAL"
    TRAVEL = "TRAVEL"
    HEALTH = "HEALTH"
    """Of the body or of the mind; which of the two is not said."""
    INTERPRETATION = "INTERPRETATION"
    LEGAL_SUPPORT = "LEGAL_SUPPORT"
    LEGAL_AID = "LEGAL_AID"
    EDUCATION = "EDUCATION"
    VOCATIONAL = "VOCATIONAL"
    HARDSHIP = "HARDSHIP"
    LOAN = "LOAN"


_HEALTH = frozenset({EntitlementCode.MEDICAL, EntitlementCode.PSYCHOLOGICAL})

KINDS: Mapping[EntitlementCode, NeedKind] = MappingProxyType(
    {code: NeedKind.HEALTH if code in _HEALTH else NeedKind(code) for code in EntitlementCode}
)
"""Complete: a code without a kind is no code."""


def followed_as(referral_id: UUID) -> UUID:
    """By which id whoever follows a case knows a referral: always the same, and no one else's.

    The ids of offers follow from the referral's own id (ADR 0020), so that is not told.
    """
    return uuid5(referral_id, "followed")
