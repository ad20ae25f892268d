"""The tables of messaging, one set in each service's database."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.kit.database import new_metadata

METADATA = new_metadata()


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _told() -> tuple[Column[object], ...]:
    """A parcel: what one transaction has told one destination."""
    return (
        Column("destination", String(40), nullable=False),
        Column("aggregates", ARRAY(Uuid), nullable=False),
        Column("sequences", ARRAY(BigInteger), nullable=False),
        # Kept as it was written, which is how it is signed and sent.
        Column("messages", JSON, nullable=False),
    )


OUTBOX = Table(
    "outbox",
    METADATA,
    Column("parcel_id", Uuid, primary_key=True),
    *_told(),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _moment("next_at"),
    Column("sends", Integer, nullable=False),
    # Every row is open: a receipt moves it away. So the index is as small as the backlog.
    Index("ix_outbox_due", "destination", "next_at"),
)
"""Parcels of messages that their receivers have not committed yet."""

CLOSED_OUTBOX = Table(
    "closed_outbox",
    METADATA,
    Column("parcel_id", Uuid, nullable=False),
    *_told(),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # No key: each row comes from the outbox, where it was one. Rows are looked for by their day.
    Index("ix_closed_outbox_closed_at", "closed_at"),
)
"""Parcels whose receiver has committed them, kept for when it is restored to an earlier moment."""

OUTBOX_SEQUENCES = Table(
    "outbox_sequences",
    METADATA,
    Column("aggregate_id", Uuid, primary_key=True),
    Column("last_sequences", JSONB, nullable=False),
)
"""How many messages of an aggregate were ever addressed to each destination."""

INBOX = Table(
    "inbox",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("type", String(100), nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("outcome", String(60)),
    # A digest: unset where a message came before there was one.
    Column("substance", LargeBinary),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Messages this service has taken over from their senders, each once."""

INBOX_CURSORS = Table(
    "inbox_cursors",
    METADATA,
    Column("source", String(40), primary_key=True),
    Column("aggregate_id", Uuid, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
    # Rows of the inbox that were forgotten: with those still there they make last_sequence.
    Column("pruned", BigInteger, nullable=False, server_default=text("0")),
)
"""Up to which message of an aggregate everything was applied."""

FRAMES = Table(
    "begun_frames",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("parcel_ids", ARRAY(Uuid), nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Frames whose handling was begun and has not ended.

It survives the death of the process and of the database server: a message may be what ends either.
"""

ATTEMPTS = Table(
    "delivery_attempts",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("attempts", Integer, nullable=False),
)
"""How often a message was begun, of those whose frame did not end well: counted one by one."""

HELD = Table(
    "held_messages",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("envelope", JSONB, nullable=False),
    Column("reason", String(60), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("faults", Integer, nullable=False, server_default=text("0")),
    Column("unended", Integer, nullable=False, server_default=text("0")),
    _moment("next_at", nullable=True),
    Column("held_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # The class of the first exception and where our code met it; never what it said.
    Column("first_fault", JSONB(none_as_null=True)),
    Index("ix_held_messages_turn", "aggregate_id", "source", "sequence"),
    Index("ix_held_messages_due", "next_at"),
)
"""Taken over but not handled: too early in its case, not yet possible, or failed and due again."""

PARKED = Table(
    "parked_messages",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("type", String(100), nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("envelope", JSONB, nullable=False),
    Column("reason", String(60), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _moment("replayed_at", nullable=True),
    Column("replayed_by", String(200)),
    Column("replay_reason", String(60)),
    Column("replay_id", Uuid),
    Column("first_fault", JSONB(none_as_null=True)),
    # What one person has proposed, another one has to confirm.
    _moment("skip_proposed_at", nullable=True),
    Column("skip_proposed_by", String(200)),
    Column("skip_reason", String(60)),
    Index(
        "ix_parked_messages_waiting",
        "type",
        "reason",
        "source",
        postgresql_where=text("replayed_at IS NULL"),
    ),
    Index("ix_parked_messages_replay", "replay_id", postgresql_where=text("replay_id IS NOT NULL")),
)
"""What could not be handled, kept with its reason until an operator replays it."""

REFUSED = Table(
    "refused_envelopes",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("reason", String(60), nullable=False),
    Column("times", Integer, nullable=False),
    Column(
        "first_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
    ),
)
"""What arrived without a valid signature: counted by digest, never handled."""

HEARTBEATS = Table(
    "heartbeats",
    METADATA,
    Column("queue", String(40), primary_key=True),
    _moment("seen_at"),
)
"""When a canary last came through the whole path of a queue."""

WORKERS = Table(
    "workers",
    METADATA,
    Column("backend", Integer, primary_key=True, autoincrement=False),
    Column("since", DateTime(timezone=True), primary_key=True),
)
"""Workers that may have something in hand, each by the database session it keeps open for that."""

TOTALS = Table(
    "outbox_totals",
    METADATA,
    Column("destination", String(40), primary_key=True),
    Column("closed", BigInteger, nullable=False),
    Column("resent", BigInteger, nullable=False),
)
"""Messages closed by receipts, and how many sendings beyond the first they took."""

EPOCHS = Table(
    "broker_epochs",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("epoch", String(40), nullable=False),
)
"""Which life of the broker this service last published into."""

OPERATOR_ALERTS = Table(
    "operator_alerts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("times", Integer, nullable=False),
    _moment("raised_at"),
    _moment("last_at"),
    _moment("rests_until"),
    _moment("settled_at", nullable=True),
    UniqueConstraint("kind", "subject", "object_id"),
    Index("ix_operator_alerts_open", "id", postgresql_where=text("settled_at IS NULL")),
)
"""What an operator must look at: one row for each cause, open until the cause is gone."""

TABLES = tuple(METADATA.sorted_tables)
