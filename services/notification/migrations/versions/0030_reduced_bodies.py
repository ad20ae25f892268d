"""What is over says no more than what it was about, once its codes were deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE, INDEX = "deliveries", "ix_deliveries_whole"
OVER = "state IN ('delivered', 'failed', 'sent') AND NOT is_reduced"


def upgrade() -> None:
    op.add_column(
        TABLE,
        sa.Column("is_reduced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(INDEX, TABLE, ["concluded_at"], postgresql_where=sa.text(OVER))


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.drop_column(TABLE, "is_reduced")
