"""A case owner says that the support has reached the person."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offers", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        "confirmed", "offers", "confirmed_at IS NULL OR accepted_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_constraint("confirmed", "offers", type_="check")
    op.drop_column("offers", "confirmed_at")
