"""People read what their organisation was told; who did, and when, is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_readings",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "reader", name=op.f("pk_notice_readings")),
    )
    op.create_index(op.f("ix_notice_readings_read_at"), "notice_readings", ["read_at"])


def downgrade() -> None:
    op.drop_table("notice_readings")
