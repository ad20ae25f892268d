"""A clock names the row that an administrator published, too."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("clocks", sa.Column("row_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("clocks", "row_id")
