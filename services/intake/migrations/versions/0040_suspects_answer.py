"""A message is kept back where a suspect, or somebody who tells them, may answer."""

from shared.kit.migrations import allow

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BEFORE = (
    "answered_already",
    "ended",
    "not_by_message",
    "outside_window",
    "risk_flag",
    "shared_device",
    "unconfirmed",
)


def upgrade() -> None:
    allow("person_messages", "refusal", [*BEFORE, "suspect_answers"])


def downgrade() -> None:
    allow("person_messages", "refusal", BEFORE)
