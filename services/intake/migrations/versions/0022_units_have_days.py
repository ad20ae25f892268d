"""The code of a unit is kept with the day by which it is read: codes were given away again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

UNITS = ("origin_unit", "present_unit")


def upgrade() -> None:
    for unit in UNITS:
        op.add_column("cases", sa.Column(f"{unit}_on", sa.Date(), nullable=True))
    # Until now a code was read as of the day on which its case was told.
    op.execute(
        """
        WITH told AS (
            SELECT id, (registered_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day FROM cases
        )
        UPDATE cases
           SET origin_unit_on = CASE WHEN origin_unit_code IS NOT NULL THEN told.day END,
               present_unit_on = CASE WHEN present_unit_code IS NOT NULL THEN told.day END
          FROM told WHERE told.id = cases.id
        """
    )
    for unit in UNITS:
        op.create_check_constraint(
            op.f(f"ck_cases_{unit}_dated"), "cases", f"({unit}_code IS NULL) = ({unit}_on IS NULL)"
        )


def downgrade() -> None:
    for unit in UNITS:
        op.drop_constraint(op.f(f"ck_cases_{unit}_dated"), "cases")
        op.drop_column("cases", f"{unit}_on")
