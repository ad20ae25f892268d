"""The story of a case says that somebody is expected in a facility, has come, or has left."""

from alembic import op

from shared.kit.migrations import allow

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BEFORE = (
    "clock_breached",
    "clock_warned",
    "complaint_answered",
    "complaint_received",
    "immediate_need_ended",
    "initial_check",
    "plan_opened",
    "plan_revised",
    "protection_moved",
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
    allow("journey_steps", "kind", [*BEFORE, "stay_moved"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind = 'stay_moved'")
    allow("journey_steps", "kind", BEFORE)
