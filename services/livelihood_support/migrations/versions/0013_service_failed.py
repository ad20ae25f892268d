"""A case owner is told when a service fails; what two offers of one referral owe is two alerts."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = (
    "age_outside", "consent_withdrawn", "delivery_parked", "needs_information", "no_endpoint",
    "no_programme", "offer_undelivered", "purge_unconfirmed", "purge_undelivered",
)  # fmt: skip
OPEN = sa.text("settled_at IS NULL")
BY_REFERRAL = ["case_id", "code", "kind", "referral_id"]


def _index(columns: list[str | sa.TextClause]) -> None:
    op.drop_index("uq_alerts_open", table_name="alerts", postgresql_where=OPEN)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        columns,
        unique=True,
        postgresql_where=OPEN,
        postgresql_nulls_not_distinct=True,
    )


def upgrade() -> None:
    # One that failed and the next may both owe a purge: two offers of one referral.
    _index([*BY_REFERRAL, sa.text("(facts ->> 'offer_id')")])
    allow("alerts", "kind", [*BEFORE, "service_failed"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'service_failed'")
    # The tables before had room for one of these.
    op.execute(
        "UPDATE alerts SET settled_at = now() FROM alerts AS first"
        " WHERE alerts.settled_at IS NULL AND first.settled_at IS NULL AND first.id < alerts.id"
        " AND (first.case_id, first.code, first.kind, first.referral_id)"
        " = (alerts.case_id, alerts.code, alerts.kind, alerts.referral_id)"
    )
    _index([*BY_REFERRAL])
    allow("alerts", "kind", BEFORE)
