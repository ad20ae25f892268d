"""Alerts are told to whoever must act; those that are settled already are not."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE alerts SET told_at = settled_at WHERE settled_at IS NOT NULL")
    op.create_index("ix_alerts_untold", "alerts", ["id"], unique=False, postgresql_where=UNTOLD)


def downgrade() -> None:
    op.drop_index("ix_alerts_untold", table_name="alerts", postgresql_where=UNTOLD)
    op.drop_column("alerts", "told_at")
