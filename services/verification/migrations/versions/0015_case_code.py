"""A verification knows what people call its case."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("case_code", sa.String(12), nullable=True))


def downgrade() -> None:
    op.drop_column("verifications", "case_code")
