"""Why a message failed first, and who proposed to give it up."""

from shared.messaging.steps import messaging

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(8).upgrade()


def downgrade() -> None:
    messaging.step(8).downgrade()
