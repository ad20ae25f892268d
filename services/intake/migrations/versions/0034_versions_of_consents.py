"""A consent says which version of its case it made, so that nothing else refuses the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

COLUMNS = ("version", "ended_version")


def upgrade() -> None:
    for each in COLUMNS:
        op.add_column("consents", sa.Column(each, sa.Integer(), nullable=True))


def downgrade() -> None:
    for each in reversed(COLUMNS):
        op.drop_column("consents", each)
