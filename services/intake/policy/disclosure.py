"""Which part of an identity a partner may learn, for what, and while what holds."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from shared.contracts.vocabulary import Purpose, ReferralStatus


class DisclosedField(StrEnum):
    """What can be disclosed at all: never papers, exploitation, address or representatives."""

    FULL_NAME = "full_name"
    BIRTH_YEAR = "birth_year"
    SEX = "sex"
    LANGUAGES = "languages"
    NEEDS_INTERPRETER = "needs_interpreter"
    ASKED_STAFF_SEX = "asked_staff_sex"
    """What was asked for must be known to whoever is to keep to it."""
    SAFE_PHONES = "safe_phones"
    PRESENT_UNIT_CODE = "present_unit_code"


class DisclosureBasis(StrEnum):
    """By what somebody was let see who a person is."""

    CONSENT = "consent"
    LAW = "law"


class DisclosureOutcome(StrEnum):
    """How a request for identity ended."""

    GRANTED = "granted"
    REFERRAL_NOT_FOUND = "referral_not_found"
    REFERRAL_NOT_ACCEPTED = "referral_not_accepted"
    NO_LIVE_CONSENT = "no_live_consent"


Undisclosed = Literal[
    DisclosureOutcome.REFERRAL_NOT_FOUND,
    DisclosureOutcome.REFERRAL_NOT_ACCEPTED,
    DisclosureOutcome.NO_LIVE_CONSENT,
]
"""Why an identity is not shown."""

FIELDS: Mapping[Purpose, frozenset[DisclosedField]] = MappingProxyType(
    {Purpose.SERVICE_REFERRAL: frozenset(DisclosedField)}
)
"""What is needed to receive a person as a client; a new purpose names its own."""

DISCLOSABLE = frozenset(
    {ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS, ReferralStatus.ON_HOLD}
)
"""Between acceptance and the end of the service; afterwards there is nobody left to receive."""


def granted_fields(
    purpose: Purpose,
    wanted: frozenset[DisclosedField] | None,
) -> list[DisclosedField]:
    """The fields of a purpose, or those of them that were asked for; in a fixed order."""
    allowed = FIELDS[purpose]
    granted = allowed if wanted is None else allowed & wanted
    return [field for field in DisclosedField if field in granted]


def decide_disclosure(
    status: ReferralStatus,
    *,
    is_asked_organisation: bool,
    has_live_consent: bool,
) -> DisclosureOutcome:
    """Someone else's referral does not exist for the caller, whatever else holds."""
    if not is_asked_organisation:
        return DisclosureOutcome.REFERRAL_NOT_FOUND
    if status not in DISCLOSABLE:
        return DisclosureOutcome.REFERRAL_NOT_ACCEPTED
    return DisclosureOutcome.GRANTED if has_live_consent else DisclosureOutcome.NO_LIVE_CONSENT
