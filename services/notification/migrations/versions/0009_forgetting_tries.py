"""Tries are forgotten by the day they began."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_attempts_started_at"), "attempts", ["started_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_attempts_started_at"), table_name="attempts")
