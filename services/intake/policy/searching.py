"""Looking a case up by what somebody says of a person: what can be compared, and what for.

Only what is compared as a whole is looked up, by a keyed digest. There is none of names: few names
are so common that one digest would be many people, and a name is spelled in many ways.
"""

import hashlib
from enum import StrEnum

from services.intake.policy.identity_numbers import searchable_number
from services.intake.policy.phones import read_phone


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
