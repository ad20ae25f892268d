"""It is known whether anybody has read that an organisation is asked, or owes a purge."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BEFORE = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_longer_identified",
    "no_programme",
    "offer_unanswered",
    "offer_undelivered",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "window_closing",
)


def upgrade() -> None:
    op.create_table(
        "read_notices",
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cause_id", name=op.f("pk_read_notices")),
    )
    allow("alerts", "kind", [*BEFORE, "offer_unread"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'offer_unread'")
    allow("alerts", "kind", BEFORE)
    op.drop_table("read_notices")
