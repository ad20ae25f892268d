"""By what the keys that belong to this database are recognised."""

from shared.kit.steps.key_checks import key_checks

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key_checks.step(1).upgrade()


def downgrade() -> None:
    key_checks.step(1).downgrade()
