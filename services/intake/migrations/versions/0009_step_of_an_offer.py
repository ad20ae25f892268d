"""The step in which an organisation was asked, found by its offer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_journey_steps_offer",
        "journey_steps",
        ["source_id"],
        postgresql_where=sa.text("kind = 'referral_requested'"),
    )


def downgrade() -> None:
    op.drop_index("ix_journey_steps_offer", table_name="journey_steps")
