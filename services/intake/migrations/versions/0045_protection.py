"""The story of a case says that protection was asked for, and what became of it."""

from alembic import op

from shared.kit.migrations import allow

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BEFORE = (
    "clock_breached",
    "clock_warned",
    "complaint_answered",
    "complaint_received",
    "initial_check",
    "plan_opened",
    "plan_revised",
    "provision_corrected",
    "provision_recorded",
    "provisional_plan_opened",
    "question_answered",
    "question_asked",
    "received",
    "referral_confirmed",
    "referral_moved",
    "referral_requested",
    "verification_concluded",
    "verification_opened",
)


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, "protection_moved"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind = 'protection_moved'")
    allow("journey_steps", "kind", BEFORE)
