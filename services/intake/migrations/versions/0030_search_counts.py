"""How often somebody looks cases up is counted, so that nobody tries numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_counts",
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_search_counts"),
    )
    op.create_index("ix_search_counts_begun", "search_counts", ["begun_at"])


def downgrade() -> None:
    op.drop_table("search_counts")
