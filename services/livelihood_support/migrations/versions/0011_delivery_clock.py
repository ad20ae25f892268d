"""An offer has time to arrive, and the time to answer begins when it has."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REASONS = (
    "capacity", "consent_withdrawn", "distance", "eligibility", "no_answer", "no_programme",
    "other", "person_declined", "safety", "timing",
)  # fmt: skip
KINDS = (
    "consent_withdrawn", "delivery_parked", "needs_information", "no_endpoint", "no_programme",
    "purge_unconfirmed", "purge_undelivered",
)  # fmt: skip
ON_ITS_WAY = "status = 'offered' AND delivered_at IS NULL AND seen_at IS NULL"


def upgrade() -> None:
    op.add_column("offers", sa.Column("delivery_due_at", sa.DateTime(timezone=True), nullable=True))
    # What is on its way keeps the day it was told of, now as the day by which it has to arrive.
    op.execute(
        f"UPDATE offers SET delivery_due_at = expires_at, expires_at = NULL WHERE {ON_ITS_WAY}"  # noqa: S608 - made of our own words only
    )
    op.create_index(
        "ix_offers_delivery_due",
        "offers",
        ["delivery_due_at"],
        unique=False,
        postgresql_where=sa.text(ON_ITS_WAY),
    )
    for table in ("offers", "referral_moves", "remembered_steps"):
        allow(table, "reason", [*REASONS, "undelivered"])
    allow("alerts", "kind", [*KINDS, "offer_undelivered"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'offer_undelivered'")
    allow("alerts", "kind", KINDS)
    for table in ("offers", "referral_moves", "remembered_steps"):
        # Steps are not changed, but this release had no word for them.
        op.execute(f"UPDATE {table} SET reason = 'other' WHERE reason = 'undelivered'")  # noqa: S608
        allow(table, "reason", REASONS)
    op.drop_index("ix_offers_delivery_due", table_name="offers", postgresql_where=ON_ITS_WAY)
    op.execute(f"UPDATE offers SET expires_at = delivery_due_at WHERE {ON_ITS_WAY}")  # noqa: S608
    op.drop_column("offers", "delivery_due_at")
