"""What is closed is kept for a while, and the inbox may forget."""

from shared.messaging.steps import messaging

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(3).upgrade()


def downgrade() -> None:
    messaging.step(3).downgrade()
