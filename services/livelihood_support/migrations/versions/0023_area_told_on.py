"""A file keeps the day on which its area was told; a case may have been received long before."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_files", sa.Column("area_told_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("case_files", "area_told_on")
