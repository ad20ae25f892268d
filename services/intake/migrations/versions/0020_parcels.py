"""What a transaction tells one destination is one row."""

from shared.messaging.steps import messaging

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(7).upgrade()


def downgrade() -> None:
    messaging.step(7).downgrade()
