"""Steps of the journey: something was given to the person directly, or recorded wrongly."""

from alembic import op

from shared.kit.migrations import allow

revision = "0043"
down_revision = "0042"
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
    "question_answered",
    "question_asked",
    "received",
    "referral_confirmed",
    "referral_moved",
    "referral_requested",
    "verification_concluded",
    "verification_opened",
)
GIVEN = ("provision_corrected", "provision_recorded")


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, *GIVEN])


def downgrade() -> None:
    op.execute(
        "DELETE FROM journey_steps WHERE kind IN ('provision_corrected', 'provision_recorded')"
    )
    allow("journey_steps", "kind", BEFORE)
