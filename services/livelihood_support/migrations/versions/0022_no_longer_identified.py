"""A case owner is told of what runs although its verification ended otherwise."""

from alembic import op

from shared.kit.migrations import allow

revision = "0022"
down_revision = "0021"
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
    "offer_unanswered",
    "offer_undelivered",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "window_closing",
)


def upgrade() -> None:
    allow("alerts", "kind", [*BEFORE, "no_longer_identified"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'no_longer_identified'")
    allow("alerts", "kind", BEFORE)
