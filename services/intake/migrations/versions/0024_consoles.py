"""The role of whoever lets people log in: console."""

from shared.contracts.steps import roles
from shared.kit.migrations import allow

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow("held_roles", "role", roles(step=3))


def downgrade() -> None:
    allow("held_roles", "role", roles(step=2))
