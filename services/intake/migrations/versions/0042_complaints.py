"""A decision is complained of, and the complaint answered: steps of the journey."""

from alembic import op

from shared.kit.migrations import allow

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BEFORE = (
    "clock_breached",
    "clock_warned",
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


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, "complaint_answered", "complaint_received"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind LIKE 'complaint_%'")
    allow("journey_steps", "kind", BEFORE)
