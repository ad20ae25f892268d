"""Phones of people's own, sealed, and by which way they are told first what is urgent."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

URGENT_FIRST = op.f("ck_staff_settings_urgent_first")


def upgrade() -> None:
    op.create_table(
        "staff_phones",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_phones_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_phones")),
    )
    op.add_column(
        "staff_settings",
        sa.Column(
            "urgent_first", sa.String(length=20), server_default=sa.text("'email'"), nullable=False
        ),
    )
    op.create_check_constraint(URGENT_FIRST, "staff_settings", "urgent_first IN ('email', 'sms')")


def downgrade() -> None:
    op.drop_constraint(URGENT_FIRST, "staff_settings")
    op.drop_column("staff_settings", "urgent_first")
    op.drop_table("staff_phones")
