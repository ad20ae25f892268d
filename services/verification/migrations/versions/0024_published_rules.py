"""Rows of the law that administrators published, and that clocks name."""

from shared.clocks.steps import clocks
from shared.rulebook.steps import rulebook

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rulebook.step(1).upgrade()
    clocks.step(2).upgrade()


def downgrade() -> None:
    clocks.step(2).downgrade()
    rulebook.step(1).downgrade()
