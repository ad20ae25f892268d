"""Refused envelopes are forgotten by the day they came."""

from shared.messaging.steps import messaging

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(5).upgrade()


def downgrade() -> None:
    messaging.step(5).downgrade()
