"""What an operator must look at."""

from shared.messaging.steps import messaging

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(2).upgrade()


def downgrade() -> None:
    messaging.step(2).downgrade()
