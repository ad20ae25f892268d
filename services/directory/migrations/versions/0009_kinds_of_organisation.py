"""Two kinds of organisation more: mass organisations and teams of volunteers."""

from shared.contracts.steps import organisation_kinds
from shared.kit.migrations import allow

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HELD_IN = (("organisations", "kind"),)


def upgrade() -> None:
    for table, column in HELD_IN:
        allow(table, column, organisation_kinds(step=2))


def downgrade() -> None:
    for table, column in HELD_IN:
        allow(table, column, organisation_kinds(step=1))
