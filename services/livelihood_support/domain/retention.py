"""What keeps each of livelihood support's own tables from growing without end."""

from datetime import date

from shared import clocks
from shared.kit.retention import Kept, Retention

DECIDED = date(2026, 11, 26)
UNSET = "the period the law asks for is unset, so nothing is deleted"

RETENTION: tuple[Retention, ...] = (
    Kept("organisations", "one row for each organisation the directory has told of", DECIDED),
    Kept("owner_roles", "as few as there are case owners; goes with its organisation", DECIDED),
    Kept("manager_roles", "one row for each organisation that has a manager", date(2026, 11, 28)),
    Kept("programmes", "one row for each programme the directory has told of", DECIDED),
    Kept("case_files", f"one row for each case; {UNSET}", DECIDED),
    Kept("consents", f"what a referral was allowed by; {UNSET}", DECIDED),
    Kept("plans", f"one row for each identified person; {UNSET}", DECIDED),
    Kept("case_facts", f"what an entitlement rests on; {UNSET}", DECIDED),
    Kept("plan_revisions", f"why the law granted something else; {UNSET}", DECIDED),
    Kept("answer_sets", "one row for each set of answers that the law ever gave", DECIDED),
    Kept("needs", f"what a person asked for; {UNSET}", DECIDED),
    Kept("offered_ways", f"what stays open to who was not identified; {UNSET}", date(2026, 11, 28)),
    Kept("provisions", f"what was given to a person; {UNSET}", date(2026, 11, 28)),
    Kept("facility_roles", "as few as there are facilities", date(2026, 11, 29)),
    Kept("readiness_sheets", "a row for each sheet a facility writes", date(2026, 11, 29)),
    Kept("readiness_attestations", "as many as there are sheets at most", date(2026, 11, 29)),
    Kept("handovers", f"who held places for whom, and when; {UNSET}", date(2026, 11, 29)),
    Kept("held_places", f"goes with its handover; {UNSET}", date(2026, 11, 29)),
    Kept("stays", f"where a person stayed, and for how long; {UNSET}", date(2026, 11, 29)),
    Kept("stay_moves", f"how each stay went; {UNSET}", date(2026, 11, 29)),
    Kept("referrals", UNSET, DECIDED),
    Kept("offers", f"who was asked; {UNSET}", DECIDED),
    Kept("offer_questions", f"what was asked about an offer, and replied; {UNSET}", DECIDED),
    Kept("read_notices", "whether a notice reached anybody; as many as offers, at most", DECIDED),
    Kept("referral_moves", f"how each referral went; {UNSET}", DECIDED),
    Kept("remembered_steps", "each leaves when its case is here again after a restore", DECIDED),
    Kept("law_rows", "dates of years ago rest on them; a handful in a year", date(2026, 11, 28)),
    clocks.RETENTION,
    Kept("seeds", "a single row, which later ids follow from", DECIDED),
    Kept("alerts", f"what a case owner had to do; {UNSET}", DECIDED),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
