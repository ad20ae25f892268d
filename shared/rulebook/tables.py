"""The rows that administrators published, as every service keeps them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    String,
    Table,
    Uuid,
)

from shared.contracts.law import Certainty, Unit
from shared.contracts.vocabulary import Regime
from shared.kit.columns import append_only, one_of
from shared.kit.database import new_metadata
from shared.law.documents import LONGEST

LAW_ROWS = Table(
    "law_rows",
    new_metadata(),
    Column("id", Uuid, primary_key=True),
    # Which row it was to be published: a later one goes before an earlier. A directory that was
    # restored may count one anew, so it is not unique where it is told.
    Column("ordinal", Integer, nullable=False),
    # Names of rows come with releases, so no CHECK lists them: one that a release does not know
    # supersedes nothing in it.
    Column("key", String(60), nullable=False),
    Column("regime", String(10)),
    Column("amount", Integer),
    Column("unit", String(20), nullable=False),
    Column("law_number", String(LONGEST)),
    Column("law_article", Integer),
    Column("law_clause", Integer),
    Column("status", String(20), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("applies_to_running", Boolean, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    one_of("regime", Regime),
    one_of("unit", Unit),
    one_of("status", Certainty),
    CheckConstraint("amount >= 1", name="amount"),
    CheckConstraint(f"law_number IS NOT NULL OR status = '{Certainty.ASSUMED}'", name="law"),
    info=append_only(),
)
"""Adopted by every service that acts on a dated row, and by the directory, which publishes them."""
