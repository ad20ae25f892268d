"""Why an endpoint is disabled."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("endpoints", sa.Column("reason", sa.String(length=20), nullable=True))
    op.create_check_constraint(
        op.f("ck_endpoints_reason"), "endpoints", "reason IN ('gone', 'withdrawn')"
    )
    op.create_check_constraint(
        op.f("ck_endpoints_reason_disabled"),
        "endpoints",
        "reason IS NULL OR status = 'disabled'",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_endpoints_reason_disabled"), "endpoints")
    op.drop_constraint(op.f("ck_endpoints_reason"), "endpoints")
    op.drop_column("endpoints", "reason")
