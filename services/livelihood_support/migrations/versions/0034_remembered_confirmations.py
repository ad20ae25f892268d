"""A restored database is handed what persons had confirmed, which leaves a status as it is."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("remembered_steps", "status", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM remembered_steps WHERE status IS NULL")
    op.alter_column("remembered_steps", "status", nullable=False)
