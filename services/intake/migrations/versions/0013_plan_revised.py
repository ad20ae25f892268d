"""A step of the journey: the plan is another now."""

from shared.kit.migrations import allow

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = (
    "plan_opened", "received", "referral_moved", "referral_requested", "verification_concluded",
    "verification_opened",
)  # fmt: skip


def upgrade() -> None:
    allow("journey_steps", "kind", [*BEFORE, "plan_revised"])


def downgrade() -> None:
    allow("journey_steps", "kind", BEFORE)
