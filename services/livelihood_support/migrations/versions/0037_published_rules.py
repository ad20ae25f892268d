"""Rows of the law that administrators published."""

from shared.rulebook.steps import rulebook

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rulebook.step(1).upgrade()


def downgrade() -> None:
    rulebook.step(1).downgrade()
