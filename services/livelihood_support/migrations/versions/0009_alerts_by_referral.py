"""Two organisations that owe something for one need are two alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.drop_index("uq_alerts_open", table_name="alerts", postgresql_where=OPEN)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["case_id", "code", "kind", "referral_id"],
        unique=True,
        postgresql_where=OPEN,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index("uq_alerts_open", table_name="alerts", postgresql_where=OPEN)
    # The tables before had room for one of these.
    op.execute(
        "UPDATE alerts SET settled_at = now() FROM alerts AS first"
        " WHERE alerts.settled_at IS NULL AND first.settled_at IS NULL AND first.id < alerts.id"
        " AND (first.case_id, first.code, first.kind) = (alerts.case_id, alerts.code, alerts.kind)"
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["case_id", "code", "kind"],
        unique=True,
        postgresql_where=OPEN,
    )
