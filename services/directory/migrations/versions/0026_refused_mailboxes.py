"""What mailboxes refused: since when, how often, and which are written to no more."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = ("staff_settings", "contact_points")
MOMENTS = ("refused_since", "refused_at", "stopped_at")
REFUSED = op.f("ck_staff_settings_refused")


def upgrade() -> None:
    for table in TABLES:
        for moment in MOMENTS:
            op.add_column(table, sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
        op.add_column(
            table, sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
    op.add_column(
        "staff_settings",
        sa.Column("urgent_refused_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_check_constraint(
        REFUSED, "staff_settings", "mailbox IS NOT NULL OR refused_since IS NULL"
    )


def downgrade() -> None:
    op.drop_constraint(REFUSED, "staff_settings")
    op.drop_column("staff_settings", "urgent_refused_at")
    for table in TABLES:
        for column in ("refusals", *MOMENTS):
            op.drop_column(table, column)
