"""Who acts in cases for which organisation, so that nobody else is named in one."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officers",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", "area_code", "valid_from", name="pk_officers"),
    )


def downgrade() -> None:
    op.drop_table("officers")
