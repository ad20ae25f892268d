"""A purge has an id of its own and a day by which a caseworker asks after it."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUE = "purge_due_at IS NOT NULL AND purge_confirmed_at IS NULL"
BEFORE = (
    "consent_withdrawn", "delivery_parked", "needs_information", "no_endpoint", "no_programme",
)  # fmt: skip
PURGES = ("purge_unconfirmed", "purge_undelivered")


def upgrade() -> None:
    op.add_column("offers", sa.Column("purge_id", sa.Uuid(), nullable=True))
    op.add_column("offers", sa.Column("purge_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_offers_purge_due",
        "offers",
        ["purge_due_at"],
        unique=False,
        postgresql_where=sa.text(DUE),
    )
    allow("alerts", "kind", BEFORE + PURGES)
    # What was owed before has a day too: the end of the period, counted in days.
    op.execute(
        "UPDATE offers SET purge_id = gen_random_uuid(),"
        " purge_due_at = purge_asked_at + interval '5 days'"
        " WHERE purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL"
    )


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind IN ('purge_unconfirmed', 'purge_undelivered')")
    allow("alerts", "kind", BEFORE)
    op.drop_index("ix_offers_purge_due", table_name="offers")
    op.drop_column("offers", "purge_due_at")
    op.drop_column("offers", "purge_id")
