"""An organisation may be told by several systems, each for a topic."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TOPICS = "topic IN ('cases', 'referrals', 'verifications')"


def upgrade() -> None:
    op.add_column("endpoints", sa.Column("topic", sa.String(length=20), nullable=True))
    op.create_check_constraint(op.f("ck_endpoints_topic"), "endpoints", TOPICS)
    op.create_check_constraint(
        op.f("ck_endpoints_topic_of_webhook"), "endpoints", "topic IS NULL OR channel = 'webhook'"
    )
    op.create_index(
        "ix_endpoints_topics",
        "endpoints",
        ["organisation_id", "topic"],
        postgresql_where=sa.text("status = 'active' AND topic IS NOT NULL"),
    )


def downgrade() -> None:
    # The release before would send everything to whichever is the youngest.
    op.execute(sa.text("UPDATE endpoints SET status = 'disabled' WHERE topic IS NOT NULL"))
    op.drop_index("ix_endpoints_topics", table_name="endpoints")
    op.drop_column("endpoints", "topic")
