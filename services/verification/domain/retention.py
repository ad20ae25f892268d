"""What keeps each of verification's own tables from growing without end."""

from datetime import date

from shared import clocks
from shared.kit.retention import Kept, Retention

DECIDED = date(2026, 11, 26)
PROTECTED = date(2026, 11, 28)
UNSET = "the period the law asks for is unset, so nothing is deleted"

RETENTION: tuple[Retention, ...] = (
    Kept("organisations", "one row for each organisation the directory has told of", DECIDED),
    Kept("verifier_roles", "roles are dated, and those that ended explain decisions", DECIDED),
    Kept("protector_roles", "as few as there are protectors; those that ended explain", PROTECTED),
    Kept("protections", f"a few rows for each case; {UNSET}", PROTECTED),
    Kept("protection_moves", f"how each was decided; {UNSET}", PROTECTED),
    Kept("owner_roles", "as few as there are case owners; goes with its organisation", DECIDED),
    Kept("manager_roles", "one row for each organisation that has a manager", DECIDED),
    Kept("verifications", f"one row for each case; {UNSET}", DECIDED),
    Kept("read_notices", "whether a notice reached anybody; one for each move at most", DECIDED),
    Kept("evidence", f"numbers and days of a few papers for each; {UNSET}", DECIDED),
    Kept("issued_papers", f"numbers and days of a few papers for each; {UNSET}", DECIDED),
    Kept("verification_moves", f"how each was decided; {UNSET}", DECIDED),
    clocks.RETENTION,
    Kept("law_rows", "dates of years ago rest on them; a handful in a year", date(2026, 11, 28)),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
