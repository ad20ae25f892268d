"""A verification keeps the day on which its area was told: what the code means then."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("area_told_on", sa.Date(), nullable=True))
    # It was opened when the case was told, or as soon as the message came in.
    op.execute(
        "UPDATE verifications SET area_told_on = (opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
    )
    op.alter_column("verifications", "area_told_on", nullable=False)


def downgrade() -> None:
    op.drop_column("verifications", "area_told_on")
