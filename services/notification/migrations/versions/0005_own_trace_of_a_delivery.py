"""The case's trace beside a delivery, not in it; pages in the order deliveries were made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARKED = "state = 'parked'"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("traceparent", sa.String(length=60), nullable=True))
    _indexes("created_at", "id")
    op.create_index("ix_deliveries_made", "deliveries", ["created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_deliveries_made", table_name="deliveries")
    _indexes("id")
    op.drop_column("deliveries", "traceparent")


def _indexes(*order: str) -> None:
    op.drop_index("ix_deliveries_case", table_name="deliveries")
    op.drop_index("ix_deliveries_organisation", table_name="deliveries")
    op.drop_index("ix_deliveries_parked", table_name="deliveries")
    op.create_index("ix_deliveries_case", "deliveries", ["case_id", *order], unique=False)
    op.create_index(
        "ix_deliveries_organisation", "deliveries", ["organisation_id", *order], unique=False
    )
    op.create_index(
        "ix_deliveries_parked",
        "deliveries",
        list(order),
        unique=False,
        postgresql_where=sa.text(PARKED),
    )
