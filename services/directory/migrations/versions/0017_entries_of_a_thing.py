"""The entries of the audit about one thing are found newest first."""

from shared.kit.steps.audit import audit

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    audit.step(2).upgrade()


def downgrade() -> None:
    audit.step(2).downgrade()
