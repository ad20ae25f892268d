"""A step of the journey: the person is supported while the verification runs."""

from alembic import op

from shared.kit.migrations import allow

revision = "0044"
down_revision = "0043"
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
    allow("journey_steps", "kind", [*BEFORE, "provisional_plan_opened"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind = 'provisional_plan_opened'")
    allow("journey_steps", "kind", BEFORE)
