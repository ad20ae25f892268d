"""The role of those who give the people of their organisation accounts: manager."""

from shared.contracts.steps import roles
from shared.kit.migrations import allow

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow("organisation_roles", "role", roles(step=2))


def downgrade() -> None:
    allow("organisation_roles", "role", roles(step=1))
