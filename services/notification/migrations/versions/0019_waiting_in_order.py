"""What waits for an endpoint is found in an order, which only an index gives."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAME = "ix_deliveries_waiting"
WAITING = sa.text("state = 'no_endpoint'")


def upgrade() -> None:
    _index("organisation_id", "id")


def downgrade() -> None:
    _index("organisation_id")


def _index(*columns: str) -> None:
    op.drop_index(NAME, "deliveries")
    op.create_index(NAME, "deliveries", list(columns), postgresql_where=WAITING)
