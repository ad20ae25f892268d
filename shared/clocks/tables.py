"""The table of clocks, one in the database of each service that keeps some."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, String, Table, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.contracts.vocabulary import ClockLevel, Regime
from shared.kit.columns import one_of
from shared.kit.database import new_metadata

METADATA = new_metadata()


def _moment(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


CLOCKS = Table(
    "clocks",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # What it is of: the kind of thing as a code, and the thing at its owner.
    Column("subject", String(40), nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("case_id", Uuid),
    # Where the case is, by which whoever holds a role there is found; and the day of the code.
    Column("area_code", String(10)),
    Column("area_on", Date),
    # The row of law it runs on, by what names one row; unset where it is of both laws, always was
    # there, or comes with the release.
    Column("key", String(60), nullable=False),
    Column("regime", String(40)),
    Column("row_from", Date),
    # What it began with: the event as the row names it, and the fact at its owner.
    Column("fact", String(60), nullable=False),
    Column("fact_id", Uuid, nullable=False),
    _moment("started_at", nullable=False),
    _moment("extended_at"),
    # Those that are over, each with its reason: [{"since", "until", "reason"}].
    Column("pauses", JSONB, nullable=False),
    _moment("paused_at"),
    Column("paused_for", String(40)),
    _moment("due_at"),
    # When the sweep has something to do with it next.
    _moment("next_at"),
    _moment("warned_at"),
    _moment("breached_at"),
    Column("level", String(40)),
    _moment("level_since"),
    # The organisation that was found to hold the level; unset where nobody did.
    Column("level_holder_id", Uuid),
    _moment("ended_at"),
    # The row of `law_rows`, where an administrator published it.
    Column("row_id", Uuid),
    one_of("regime", Regime),
    one_of("level", ClockLevel),
    CheckConstraint("jsonb_typeof(pauses) = 'array'", name="pauses"),
    CheckConstraint("(paused_at IS NULL) = (paused_for IS NULL)", name="paused"),
    CheckConstraint("(level IS NULL) = (level_since IS NULL)", name="level_since"),
    CheckConstraint("level IS NOT NULL OR level_holder_id IS NULL", name="level_holder"),
    # Without an amount in the law nothing is warned of and nothing is late.
    CheckConstraint(
        "due_at IS NOT NULL OR (next_at IS NULL AND warned_at IS NULL AND breached_at IS NULL)",
        name="undated",
    ),
    CheckConstraint(
        "next_at IS NULL OR (paused_at IS NULL AND ended_at IS NULL AND breached_at IS NULL)",
        name="stands",
    ),
    # What runs is next seen to when it is due, at the latest.
    CheckConstraint(
        "due_at IS NULL OR paused_at IS NOT NULL OR ended_at IS NOT NULL"
        " OR breached_at IS NOT NULL OR next_at IS NOT NULL",
        name="runs",
    ),
    # One event starts one clock of a thing; the next may start when that has ended.
    Index(
        "uq_clocks_running",
        "object_id",
        "fact",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_clocks_object", "object_id", "id"),
    Index("ix_clocks_next", "next_at", "id", postgresql_where=text("next_at IS NOT NULL")),
)
"""One row for each period that runs or has run, with all that moves its end."""

TABLES = tuple(METADATA.sorted_tables)
