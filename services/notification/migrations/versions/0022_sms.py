"""Offices on duty are told by SMS, and the network reports whether that arrived."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHANNELS = ("email", "webhook")
SMS = "sms"
OUTCOMES = (
    "address_refused",
    "deferred",
    "delivered",
    "failed",
    "fault",
    "gone",
    "redirected",
    "refused",
    "rejected",
    "sent",
    "throttled",
    "tls_failed",
    "unknown",
    "unreachable",
)
UNDELIVERED = "undelivered"
OUTCOMES_IN = (("attempts", "outcome"), ("deliveries", "last_code"))
CHANNELS_IN = ("endpoints", "deliveries")


def upgrade() -> None:
    for table in CHANNELS_IN:
        allow(table, "channel", [*CHANNELS, SMS])
    for table, column in OUTCOMES_IN:
        allow(table, column, [*OUTCOMES, UNDELIVERED])


def downgrade() -> None:
    by_sms = "SELECT id FROM deliveries WHERE channel = 'sms'"
    op.execute(sa.text(f"DELETE FROM attempts WHERE delivery_id IN ({by_sms})"))  # noqa: S608
    for table in reversed(CHANNELS_IN):
        op.execute(sa.text(f"DELETE FROM {table} WHERE channel = 'sms'"))  # noqa: S608
    for table, column in OUTCOMES_IN:
        allow(table, column, OUTCOMES)
    for table in CHANNELS_IN:
        allow(table, "channel", CHANNELS)
