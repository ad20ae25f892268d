"""Tries that never ended are counted past a crash of the server; faults apart from them."""

from shared.messaging.steps import messaging

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.step(4).upgrade()


def downgrade() -> None:
    messaging.step(4).downgrade()
