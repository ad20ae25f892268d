"""A plan may be revised because the person came into another age band."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = "'fact_told', 'fact_withdrawn', 'window_closed'"


def upgrade() -> None:
    _allow(f"'age_changed', {BEFORE}")


def downgrade() -> None:
    _allow(BEFORE)


def _allow(causes: str) -> None:
    op.drop_constraint(op.f("ck_plan_revisions_cause"), "plan_revisions")
    op.create_check_constraint(
        op.f("ck_plan_revisions_cause"), "plan_revisions", f"cause IN ({causes})"
    )
