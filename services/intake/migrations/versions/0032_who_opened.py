"""Whoever opens who a person is finds that they did, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("disclosures", "file_disclosures"):
        op.add_column(table, sa.Column("asked_by", sa.String(200), nullable=True))
        op.create_index(f"ix_{table}_asked_by", table, ["asked_by", "at", "id"])


def downgrade() -> None:
    for table in ("disclosures", "file_disclosures"):
        op.drop_index(f"ix_{table}_asked_by", table)
        op.drop_column(table, "asked_by")
