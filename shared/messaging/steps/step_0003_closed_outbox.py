"""What is closed is kept for a while, and the inbox may forget."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "closed_outbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "closed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.create_index("ix_closed_outbox_closed_at", "closed_outbox", ["closed_at"])
    op.add_column("inbox", sa.Column("substance", sa.LargeBinary(), nullable=True))
    op.add_column(
        "inbox_cursors",
        sa.Column("pruned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("inbox_cursors", "pruned")
    op.drop_column("inbox", "substance")
    op.drop_table("closed_outbox")
