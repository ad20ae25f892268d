"""Steps of the journey: a period ends soon, or is over."""

from shared.kit.migrations import allow

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = (
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
    allow("journey_steps", "kind", [*BEFORE, "clock_breached", "clock_warned"])


def downgrade() -> None:
    allow("journey_steps", "kind", BEFORE)
