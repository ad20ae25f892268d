"""Workers are missed."""

from shared.messaging.steps import messaging

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(6).upgrade()


def downgrade() -> None:
    messaging.step(6).downgrade()
