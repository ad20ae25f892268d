"""A case owner is told of an offer that nobody answered."""

from alembic import op

from shared.kit.migrations import allow

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_programme",
    "offer_undelivered",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "window_closing",
)


def upgrade() -> None:
    allow("alerts", "kind", [*BEFORE, "offer_unanswered"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'offer_unanswered'")
    allow("alerts", "kind", BEFORE)
