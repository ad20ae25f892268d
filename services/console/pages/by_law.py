"""What may be chosen where a file is opened, or a part in a case is given: as intake takes it.

A choice that intake would refuse is not shown; that these are the same is a test
(``tests/console/test_choices.py``).
"""

from collections.abc import Mapping, Sequence

PURPOSES: Mapping[str, tuple[str, Sequence[str]]] = {
    "case_management": (
        "case_owner",
        (
            "contact",
            "immediate_needs",
            "support_planning",
            "return_home",
            "complaint",
            "official_paper",
        ),
    ),
    "verification": (
        "verifier",
        ("interview", "check_of_papers", "other_body_asked", "official_paper"),
    ),
    "shelter": ("facility", ("reception", "care", "return_home")),
    "protection": ("protector", ("threat", "escort", "return_home")),
}
"""Each purpose with the role that it asks for, and the reasons that it can have."""

BEGINNING = ("shelter_needed", "care_needed", "threat", "escort_needed")
"""Why a part in a case is given."""
ENDING = ("no_longer_needed", "moved_elsewhere", "person_declined")
"""Why it ends."""
CHECK_OUTCOMES = ("signs_found", "proved_by_paper", "no_signs_found")
"""What an initial check finds."""
NEED_OUTCOMES = ("met", "person_declined", "no_longer_needed")
"""How a need that could not wait ended."""
