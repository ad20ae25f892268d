"""The role of those who give the people of their organisation accounts: manager."""

from shared.contracts.steps import roles
from shared.kit.migrations import allow

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow("held_roles", "role", roles(step=2))


def downgrade() -> None:
    allow("held_roles", "role", roles(step=1))
