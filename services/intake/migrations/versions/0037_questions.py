"""Steps of the journey: an organisation has asked about its offer, and there is a reply."""

from shared.kit.migrations import allow

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = (
    "plan_opened",
    "plan_revised",
    "received",
    "referral_confirmed",
    "referral_moved",
    "referral_requested",
    "verification_concluded",
    "verification_opened",
)


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, "question_answered", "question_asked"])


def downgrade() -> None:
    allow("journey_steps", "kind", BEFORE)
