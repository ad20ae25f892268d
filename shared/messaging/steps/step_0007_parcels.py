"""What a transaction tells one destination is one row, and an aggregate's numbers are another."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

TABLES = ("outbox", "closed_outbox", "outbox_sequences")


def upgrade() -> None:
    _set_aside()
    _make_parcels()
    # A parcel of one message has its id: by it the notes of receivers that have begun it stay true.
    # Of a very early release, one id may stand for two destinations.
    op.execute(
        """
        INSERT INTO outbox (parcel_id, destination, aggregates, sequences, messages, created_at,
                            next_at, sends)
        SELECT CASE WHEN row_number() OVER (PARTITION BY message_id ORDER BY destination) = 1
                    THEN message_id ELSE gen_random_uuid() END,
               destination, ARRAY[aggregate_id], ARRAY[sequence],
               json_build_array(json_build_object('id', message_id, 'type', type,
                                                  'trace', traceparent, 'body', body)),
               created_at, next_at, sends
          FROM former_outbox
        """
    )
    op.execute(
        """
        INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages,
                                   created_at, closed_at)
        SELECT gen_random_uuid(), destination, ARRAY[aggregate_id], ARRAY[sequence],
               json_build_array(json_build_object('id', message_id, 'type', type,
                                                  'trace', traceparent, 'body', body)),
               created_at, closed_at
          FROM former_closed_outbox ORDER BY closed_at
        """
    )
    op.execute(
        """
        INSERT INTO outbox_sequences (aggregate_id, last_sequences)
        SELECT aggregate_id, jsonb_object_agg(destination, last_sequence)
          FROM former_outbox_sequences GROUP BY 1
        """
    )
    _let_go()
    _name("message_ids", "parcel_ids")


def downgrade() -> None:
    _name("parcel_ids", "message_ids")
    _set_aside()
    _make_messages()
    for table, moments in (("outbox", "next_at, sends"), ("closed_outbox", "closed_at")):
        op.execute(
            f"""
            INSERT INTO {table} (message_id, destination, aggregate_id, sequence, type, body,
                                 traceparent, created_at, {moments})
            SELECT CAST(message ->> 'id' AS uuid), destination, aggregate_id, sequence,
                   message ->> 'type', message -> 'body', message ->> 'trace', created_at, {moments}
              FROM former_{table},
                   ROWS FROM (unnest(aggregates), unnest(sequences), json_array_elements(messages))
                   AS told(aggregate_id, sequence, message)
            """  # noqa: S608 - our own words only
        )
    op.execute(
        """
        INSERT INTO outbox_sequences (destination, aggregate_id, last_sequence)
        SELECT destination, aggregate_id, CAST(last AS bigint)
          FROM former_outbox_sequences, jsonb_each_text(last_sequences) AS told(destination, last)
        """
    )
    _let_go()


def _name(before: str, now: str) -> None:
    """What is begun is noted in this column; that it must be there has its name too."""
    op.alter_column("begun_frames", before, new_column_name=now, nullable=True)
    op.alter_column("begun_frames", now, nullable=False)


def _set_aside() -> None:
    """Keep the rows under other names. All else goes, so that nothing new has to be named anew."""
    for name in TABLES:
        op.execute(f"CREATE TABLE former_{name} AS TABLE {name}")
        op.drop_table(name)


def _let_go() -> None:
    for name in TABLES:
        op.drop_table(f"former_{name}")


def _make_parcels() -> None:
    op.create_table(
        "outbox",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregates", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("sequences", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        _now("created_at"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["destination", "next_at"])
    op.create_table(
        "closed_outbox",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregates", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("sequences", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _now("closed_at"),
    )
    op.create_index("ix_closed_outbox_closed_at", "closed_outbox", ["closed_at"])
    op.create_table(
        "outbox_sequences",
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequences", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate_id", name=op.f("pk_outbox_sequences")),
    )


def _make_messages() -> None:
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=True),
        _now("created_at"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "destination", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["destination", "next_at"])
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
        _now("closed_at"),
    )
    op.create_index("ix_closed_outbox_closed_at", "closed_outbox", ["closed_at"])
    op.create_table(
        "outbox_sequences",
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "aggregate_id", name=op.f("pk_outbox_sequences")),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
