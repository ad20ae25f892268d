"""An organisation may take webhooks at several addresses, each for a topic."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TOPICS = "topic IN ('cases', 'referrals', 'verifications')"
ACTIVE = sa.text("status = 'active'")


def upgrade() -> None:
    op.add_column("endpoints", sa.Column("topic", sa.String(length=20), nullable=True))
    op.create_check_constraint(op.f("ck_endpoints_topic"), "endpoints", TOPICS)
    op.create_index(
        "uq_endpoints_active_topic",
        "endpoints",
        ["organisation_id", "topic"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=ACTIVE,
    )
    op.drop_index("uq_endpoints_active", table_name="endpoints")


def downgrade() -> None:
    # The release before knows one address: that without a topic. The others are withdrawn.
    op.execute(
        sa.text(
            "UPDATE endpoints SET status = 'disabled', reason = 'withdrawn' WHERE topic IS NOT NULL"
        )
    )
    op.create_index(
        "uq_endpoints_active",
        "endpoints",
        ["organisation_id"],
        unique=True,
        postgresql_where=ACTIVE,
    )
    op.drop_index("uq_endpoints_active_topic", table_name="endpoints")
    op.drop_column("endpoints", "topic")
