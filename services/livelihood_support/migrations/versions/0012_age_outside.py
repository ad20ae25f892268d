"""An alert: who is asked may not fit the age of the person any more."""

from alembic import op

from shared.kit.migrations import allow

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = (
    "consent_withdrawn", "delivery_parked", "needs_information", "no_endpoint", "no_programme",
    "offer_undelivered", "purge_unconfirmed", "purge_undelivered",
)  # fmt: skip


def upgrade() -> None:
    allow("alerts", "kind", ["age_outside", *BEFORE])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'age_outside'")
    allow("alerts", "kind", BEFORE)
