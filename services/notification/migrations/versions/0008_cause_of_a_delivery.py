"""What a delivery tells of, so that how it ended can be told of that."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("cause_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "cause_id")
