"""First tables: what is sent, received, held, parked and refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    op.create_table(
        "broker_epochs",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_broker_epochs")),
    )
    op.create_table(
        "begun_frames",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_begun_frames")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_delivery_attempts")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "heartbeats",
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "held_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "held_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_held_messages")),
    )
    op.create_index("ix_held_messages_due", "held_messages", ["next_at"], unique=False)
    op.create_index(
        "ix_held_messages_turn",
        "held_messages",
        ["source", "aggregate_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "inbox_cursors",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "aggregate_id", name=op.f("pk_inbox_cursors")),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "destination", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["destination", "next_at"], unique=False)
    op.create_table(
        "outbox_sequences",
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "aggregate_id", name=op.f("pk_outbox_sequences")),
    )
    op.create_table(
        "outbox_totals",
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("resent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", name=op.f("pk_outbox_totals")),
    )
    op.create_table(
        "parked_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "parked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_by", sa.String(length=200), nullable=True),
        sa.Column("replay_reason", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_parked_messages")),
    )
    op.create_table(
        "refused_envelopes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column(
            "first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refused_envelopes")),
    )


def downgrade() -> None:
    op.drop_table("refused_envelopes")
    op.drop_table("parked_messages")
    op.drop_table("outbox_totals")
    op.drop_table("outbox_sequences")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("inbox_cursors")
    op.drop_table("inbox")
    op.drop_index("ix_held_messages_turn", table_name="held_messages")
    op.drop_index("ix_held_messages_due", table_name="held_messages")
    op.drop_table("held_messages")
    op.drop_table("heartbeats")
    op.drop_table("delivery_attempts")
    op.drop_table("begun_frames")
    op.drop_table("broker_epochs")
