"""What cannot wait is a duty of the case owner, from reception until it is seen to."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("urgent_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "cases", sa.Column("urgency_settled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_cases_urgent",
        "cases",
        ["id"],
        postgresql_where=sa.text("urgent_since IS NOT NULL AND urgency_settled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_urgent", "cases")
    op.drop_column("cases", "urgency_settled_at")
    op.drop_column("cases", "urgent_since")
