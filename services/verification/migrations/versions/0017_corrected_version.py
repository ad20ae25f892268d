"""Since which version the age of the person is what was told last: a birthday refuses nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("corrected_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("verifications", "corrected_version")
