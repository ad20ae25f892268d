"""What is not over is looked through for what stands still."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = sa.text("status <> 'concluded'")


def upgrade() -> None:
    op.create_index(
        "ix_verifications_open", "verifications", ["id"], unique=False, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_verifications_open", table_name="verifications", postgresql_where=OPEN)
