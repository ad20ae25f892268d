"""The sex a person asks of the staff who serve them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("asked_staff_sex", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_cases_asked_staff_sex"),
        "cases",
        "asked_staff_sex IN ('female', 'male', 'other')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_cases_asked_staff_sex"), "cases")
    op.drop_column("cases", "asked_staff_sex")
