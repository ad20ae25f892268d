"""A reception may lie before the day it was told on, and then says why."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REASONS = "'handed_over', 'no_connection', 'overlooked', 'paper_record', 'person_asked'"


def upgrade() -> None:
    op.add_column("cases", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
    # Until now the two were one.
    op.execute("UPDATE cases SET registered_at = received_at")
    op.alter_column("cases", "registered_at", nullable=False)
    op.add_column("cases", sa.Column("late_reason", sa.String(40), nullable=True))
    op.create_check_constraint(op.f("ck_cases_late_reason"), "cases", f"late_reason IN ({REASONS})")
    op.create_check_constraint(
        op.f("ck_cases_received_before"), "cases", "received_at <= registered_at"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_cases_received_before"), "cases")
    op.drop_constraint(op.f("ck_cases_late_reason"), "cases")
    op.drop_column("cases", "late_reason")
    op.drop_column("cases", "registered_at")
