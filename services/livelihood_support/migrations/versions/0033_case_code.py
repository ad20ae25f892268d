"""A file knows what people call its case."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_files", sa.Column("code", sa.String(12), nullable=True))


def downgrade() -> None:
    op.drop_column("case_files", "code")
