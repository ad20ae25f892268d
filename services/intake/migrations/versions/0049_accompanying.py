"""A child who came with somebody is a case of its own, and says with which it came."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("accompanies_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_cases_accompanies_id_cases", "cases", "cases", ["accompanies_id"], ["id"]
    )
    op.create_index(
        "ix_cases_accompanying",
        "cases",
        ["accompanies_id"],
        postgresql_where=sa.text("accompanies_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_accompanying", "cases")
    op.drop_constraint("fk_cases_accompanies_id_cases", "cases")
    op.drop_column("cases", "accompanies_id")
