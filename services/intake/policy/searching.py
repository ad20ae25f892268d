"""Looking a case up by what somebody says of a person: what can be compared, and what for.

Only what is compared as a whole is looked up, by a keyed digest. There is none of names: few names
are so common that one digest would be many people, and a name is spelled in many ways.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from services.intake.policy.identity_numbers import searchable_number
from services.intake.policy.phones import read_phone
from shared.kit.subjects import SubjectKind


class IndexedField(StrEnum):
    """What a case can be looked up by, besides its code."""

    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    SENDER_REFERENCE = "sender_reference"
    """The reference of whoever submitted the case, who alone finds it so."""


class SearchPurpose(StrEnum):
    """What a case is looked up for."""

    PERSON_PRESENT = "person_present"
    PERSON_CALLED = "person_called"
    BODY_ASKED = "body_asked"
    SUBMITTED_BEFORE = "submitted_before"
    """Whether it was submitted already is to be known."""


MOST_FOUND = 20
"""How many cases one search shows; a number of one person is in few."""
SEARCHES_COUNT_FOR = timedelta(hours=1)
"""From the first search on; then counting begins anew."""
SEARCH_COUNTS_KEPT = timedelta(days=1)
"""Long after they count no more."""
MOST_SEARCHES: Mapping[SubjectKind, int] = MappingProxyType(
    {SubjectKind.STAFF: 30, SubjectKind.CLIENT: 300}
)
"""How many searches a person makes in that time, or a system for all whom it serves. No number of
any law: more than anybody has before them at a counter, and so few that trying numbers one after
the other finds nobody.
"""


def searchable(field: IndexedField, value: str) -> str | None:
    """What is compared, however it was written; ``None`` where there is nothing to compare."""
    if field is IndexedField.PHONE:
        phone = read_phone(value)
        return phone.number if phone else None
    if field is IndexedField.IDENTITY_NUMBER:
        return searchable_number(value)
    return searchable_reference(value)


def searchable_reference(reference: str) -> str:
    """A reference as it is compared: every character counts, whether a letter is a capital or not.

    Digested here, because the keyed digest reads Latin letters and digits only.
    """
    return hashlib.sha256(reference.casefold().encode()).hexdigest()
