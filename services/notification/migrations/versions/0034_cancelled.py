"""What asks for an answer that is over already is cancelled."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BEFORE = (
    "delivered",
    "failed",
    "no_endpoint",
    "parked",
    "pending",
    "sending",
    "sent",
    "unknown",
)
CANCELLED = "cancelled"
CONCLUDED = "'delivered', 'failed', 'no_endpoint', 'parked', 'sent'"
TABLE, WHOLE = "deliveries", "ix_deliveries_whole"


def upgrade() -> None:
    allow(TABLE, "state", [*BEFORE, CANCELLED])
    _conclude(f"'{CANCELLED}', {CONCLUDED}")
    _reduce(f"'{CANCELLED}', 'delivered', 'failed', 'sent'")


def downgrade() -> None:
    # The release before knows of nothing that nobody waits for but tests.
    op.execute(sa.text(f"UPDATE {TABLE} SET state = 'failed' WHERE state = '{CANCELLED}'"))  # noqa: S608
    allow(TABLE, "state", BEFORE)
    _conclude(CONCLUDED)
    _reduce("'delivered', 'failed', 'sent'")


def _conclude(states: str) -> None:
    name = op.f("ck_deliveries_concluded")
    op.drop_constraint(name, TABLE)
    op.create_check_constraint(name, TABLE, f"(concluded_at IS NOT NULL) = (state IN ({states}))")


def _reduce(states: str) -> None:
    op.drop_index(WHOLE, table_name=TABLE)
    whole = sa.text(f"state IN ({states}) AND NOT is_reduced")
    op.create_index(WHOLE, TABLE, ["concluded_at"], postgresql_where=whole)
