"""The reference by which the organisation asked knows a referral."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner_grants", sa.Column("offer_id", sa.Uuid(), nullable=True))
    op.create_index("ix_partner_grants_offer", "partner_grants", ["offer_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_partner_grants_offer", table_name="partner_grants")
    op.drop_column("partner_grants", "offer_id")
