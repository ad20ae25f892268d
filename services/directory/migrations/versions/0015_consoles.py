"""The role of whoever lets people log in: console."""

from shared.contracts.steps import roles
from shared.kit.migrations import allow

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HELD_IN = ("organisation_roles", "staff_grants")


def upgrade() -> None:
    for table in HELD_IN:
        allow(table, "role", roles(step=3))


def downgrade() -> None:
    for table in HELD_IN:
        allow(table, "role", roles(step=2))
