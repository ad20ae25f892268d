"""Offices on duty have a phone, beside or instead of a mailbox."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHANNELS = ("email", "webhook")
SMS = "sms"


def upgrade() -> None:
    op.add_column("contact_points", sa.Column("number", sa.String(length=16), nullable=True))
    op.alter_column("contact_points", "mailbox", nullable=True)
    allow("contact_points", "channel", [*CHANNELS, SMS])
    op.create_check_constraint(
        op.f("ck_contact_points_address"),
        "contact_points",
        "(mailbox IS NOT NULL) = (channel = 'email') AND (number IS NOT NULL) = (channel = 'sms')",
    )


def downgrade() -> None:
    op.execute("DELETE FROM contact_points WHERE channel = 'sms'")
    op.drop_constraint(op.f("ck_contact_points_address"), "contact_points")
    allow("contact_points", "channel", CHANNELS)
    op.alter_column("contact_points", "mailbox", nullable=False)
    op.drop_column("contact_points", "number")
