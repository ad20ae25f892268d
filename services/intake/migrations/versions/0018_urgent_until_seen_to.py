"""To have read what cannot wait does not end the duty: it waits until somebody sees to it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("urgency_read_at", sa.DateTime(timezone=True), nullable=True))
    # What ended because a file was opened waits again.
    op.execute(
        """
        UPDATE cases SET urgency_read_at = urgency_settled_at, urgency_settled_at = NULL
         WHERE urgency_settled_at IS NOT NULL
           AND id IN (SELECT object_id FROM audit_entries
                       WHERE action = 'urgency.settle' AND facts ->> 'how' = 'read')
        """
    )


def downgrade() -> None:
    op.drop_column("cases", "urgency_read_at")
