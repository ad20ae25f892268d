"""The code by which an office answers from a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MEANS = op.f("ck_staff_sessions_means")
BEFORE = ("fed", "hwk", "otp", "pop", "pwd", "rc")


def upgrade() -> None:
    op.add_column(
        "contact_points",
        sa.Column("code_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "contact_points", sa.Column("code_since", sa.DateTime(timezone=True), nullable=True)
    )
    _means("code", *BEFORE)


def downgrade() -> None:
    _means(*BEFORE)
    op.drop_column("contact_points", "code_since")
    op.drop_column("contact_points", "code_number")


def _means(*codes: str) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    op.drop_constraint(MEANS, "staff_sessions")
    op.create_check_constraint(MEANS, "staff_sessions", f"means <@ ARRAY[{listed}]::varchar[]")
