"""A step of the journey: the person has said that the support has reached them."""

from shared.kit.migrations import allow

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BEFORE = (
    "plan_opened", "plan_revised", "received", "referral_moved", "referral_requested",
    "verification_concluded", "verification_opened",
)  # fmt: skip


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, "referral_confirmed"])


def downgrade() -> None:
    allow("journey_steps", "kind", BEFORE)
