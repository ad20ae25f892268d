"""Why a message failed first, which replay it belongs to, and who proposed to give it up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

WAITING = "ix_parked_messages_waiting"
REPLAY = "ix_parked_messages_replay"


def upgrade() -> None:
    for table in ("held_messages", "parked_messages"):
        op.add_column(table, sa.Column("first_fault", postgresql.JSONB(), nullable=True))
    for column in (
        sa.Column("replay_id", sa.Uuid(), nullable=True),
        sa.Column("skip_proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skip_proposed_by", sa.String(length=200), nullable=True),
        sa.Column("skip_reason", sa.String(length=60), nullable=True),
    ):
        op.add_column("parked_messages", column)
    op.create_index(
        WAITING,
        "parked_messages",
        ["type", "reason", "source"],
        postgresql_where=sa.text("replayed_at IS NULL"),
    )
    op.create_index(
        REPLAY,
        "parked_messages",
        ["replay_id"],
        postgresql_where=sa.text("replay_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(REPLAY, "parked_messages")
    op.drop_index(WAITING, "parked_messages")
    for name in ("skip_reason", "skip_proposed_by", "skip_proposed_at", "replay_id"):
        op.drop_column("parked_messages", name)
    for table in ("held_messages", "parked_messages"):
        op.drop_column(table, "first_fault")
