"""What keeps each of intake's own tables from growing without end."""

from datetime import date

from services.intake.policy import DRAFT_KEPT, SEARCH_COUNTS_KEPT
from shared import clocks
from shared.kit.retention import Kept, Pruned, Retention

DECIDED = date(2026, 11, 26)
DRAFTS_DECIDED = date(2026, 11, 27)
SEARCHES_DECIDED = date(2026, 11, 27)
OFFICERS_DECIDED = date(2026, 11, 27)
CONTACT_DECIDED = date(2026, 11, 28)
CHECKS_DECIDED = date(2026, 11, 28)
NEEDS_DECIDED = date(2026, 11, 29)
REFUGES_DECIDED = date(2026, 11, 29)
NOTICES_DECIDED = date(2026, 11, 29)
RULES_DECIDED = date(2026, 11, 29)
UNSET = "the period the law asks for is unset, so nothing is deleted"

RETENTION: tuple[Retention, ...] = (
    Kept("persons", f"the vault; {UNSET}", DECIDED),
    Kept("corrections", f"what is known now beside what was told; {UNSET}", DECIDED),
    Kept("person_indexes", f"goes with the person; {UNSET}", DECIDED),
    Kept("cases", UNSET, DECIDED),
    Kept("papers", f"goes with the case; {UNSET}", DECIDED),
    Kept("consents", f"what was consented to and until when; {UNSET}", DECIDED),
    Kept("journey_steps", f"what became of the case; {UNSET}", DECIDED),
    Kept("partner_grants", f"whom a disclosure may be for; {UNSET}", DECIDED),
    Kept("disclosures", f"who learned an identity; {UNSET}", DECIDED),
    Kept("held_roles", "as few as there are organisations; goes with its organisation", DECIDED),
    Kept(
        "officers",
        "as few as there are people who act in cases; goes with the account",
        OFFICERS_DECIDED,
    ),
    Kept(
        "officer_ends",
        "one row for each who was told of: cases may name whoever is gone",
        OFFICERS_DECIDED,
    ),
    Kept("assignments", f"who had a part in a case, and until when; {UNSET}", DECIDED),
    Kept("hand_overs", f"who answered for a case, and from when; {UNSET}", DECIDED),
    Kept("initial_checks", f"who looked first, when and what it found; {UNSET}", CHECKS_DECIDED),
    Kept("need_ends", f"what could not wait, and when it was met; {UNSET}", NEEDS_DECIDED),
    Kept("file_disclosures", f"who opened a file by law, and why; {UNSET}", DECIDED),
    Kept("contact_points", f"where a person may be reached; {UNSET}", CONTACT_DECIDED),
    Kept("risk_flags", f"when nothing was to reach a person; {UNSET}", CONTACT_DECIDED),
    Kept("person_messages", f"what a person was sent, and was not; {UNSET}", CONTACT_DECIDED),
    Kept(
        "refuges",
        f"who kept a person safe, and when; where is destroyed when it ends; {UNSET}",
        REFUGES_DECIDED,
    ),
    Kept("advance_notices", f"which handovers were announced, by whom; {UNSET}", NOTICES_DECIDED),
    Kept("expected_people", f"what became of whoever was expected; {UNSET}", NOTICES_DECIDED),
    Kept(
        "kept_apart",
        f"who was kept apart, and when; why is destroyed when it ends; {UNSET}",
        NOTICES_DECIDED,
    ),
    Pruned(
        "drafts",
        "changed_at",
        DRAFT_KEPT,
        "nobody went on with it, and it tells of somebody whom nobody has received; or it was"
        " submitted, and is a case",
        DRAFTS_DECIDED,
    ),
    Pruned(
        "search_counts",
        "begun_at",
        SEARCH_COUNTS_KEPT,
        "counts no more; who searched for what purpose stands in the audit",
        SEARCHES_DECIDED,
    ),
    clocks.RETENTION,
    Kept("law_rows", "dates of years ago rest on them; a handful in a year", RULES_DECIDED),
    Kept("key_checks", "one row for each version of a key", DECIDED),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
