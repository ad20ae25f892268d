"""I1 for people: every open case has its sentences, who must act, since when and why.

They are derived from the rows of intake, verification and livelihood support, never typed by a
person; a verification, a referral and a purge has exactly one each while it is open. Ids and codes
only. Where nothing is open, the case is the case owner's.
"""

from deploy.stack.invariants.turns.deriving import (
    FORGOTTEN,
    REOPENED,
    STUCK,
    UNCLEAR,
    UNOWNED,
    breaches,
    conclude,
    duties,
    sentences,
    standing,
)
from deploy.stack.invariants.turns.rows import (
    CONCLUDED,
    OPEN,
    OWNERS,
    PLANS,
    SUPPORTING,
    URGENT,
    VERIFYING,
)
from deploy.stack.invariants.turns.sentence import Case, Standing, Turn, Who, Why

__all__ = [
    "CONCLUDED",
    "FORGOTTEN",
    "OPEN",
    "OWNERS",
    "PLANS",
    "REOPENED",
    "STUCK",
    "SUPPORTING",
    "UNCLEAR",
    "UNOWNED",
    "URGENT",
    "VERIFYING",
    "Case",
    "Standing",
    "Turn",
    "Who",
    "Why",
    "breaches",
    "conclude",
    "duties",
    "sentences",
    "standing",
]
