"""A plan may be revised because the person came into another age band."""

from shared.kit.migrations import allow

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = ("fact_told", "fact_withdrawn", "window_closed")


def upgrade() -> None:
    allow("plan_revisions", "cause", ["age_changed", *BEFORE])


def downgrade() -> None:
    allow("plan_revisions", "cause", BEFORE)
