"""Refused envelopes are forgotten by the day they came."""

from shared.messaging.steps import messaging

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(5).upgrade()


def downgrade() -> None:
    messaging.step(5).downgrade()
