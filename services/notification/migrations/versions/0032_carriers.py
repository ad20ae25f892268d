"""Who carries what goes by e-mail and SMS, how each is doing, and which was asked for what."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CHANNEL = "channel IN ('email', 'sms', 'webhook')"
ASKED = ("attempts", "person_messages", "personal_mails")


def upgrade() -> None:
    op.create_table(
        "carriers",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_carriers_channel")),
        sa.CheckConstraint(
            "(resting_since IS NULL) = (rests_until IS NULL)", name=op.f("ck_carriers_rest")
        ),
        sa.PrimaryKeyConstraint("channel", "carrier", name=op.f("pk_carriers")),
    )
    op.create_table(
        "carrier_minutes",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_carrier_minutes_channel")),
        sa.CheckConstraint(
            "failures >= 0 AND failures <= calls", name=op.f("ck_carrier_minutes_failures")
        ),
        sa.PrimaryKeyConstraint("channel", "carrier", "minute", name=op.f("pk_carrier_minutes")),
    )
    op.create_index(op.f("ix_carrier_minutes_minute"), "carrier_minutes", ["minute"])
    for table in ASKED:
        op.add_column(table, sa.Column("carrier", sa.String(length=40), nullable=True))


def downgrade() -> None:
    for table in ASKED:
        op.drop_column(table, "carrier")
    op.drop_table("carrier_minutes")
    op.drop_table("carriers")
