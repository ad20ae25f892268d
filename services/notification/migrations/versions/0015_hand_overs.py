"""A case that was handed over is its new owner's, and both sides are told."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
HANDED_OVER = "vn.nhipcau.case.handed_over.v1"
HELD_IN = ("deliveries", "ownerless_news")


def upgrade() -> None:
    op.add_column("case_subscriptions", sa.Column("responsible_id", sa.Uuid(), nullable=True))
    for table in HELD_IN:
        allow(table, "type", [*BEFORE, HANDED_OVER])


def downgrade() -> None:
    for table in HELD_IN:
        op.execute(sa.text(f"DELETE FROM {table} WHERE type = '{HANDED_OVER}'"))  # noqa: S608
        allow(table, "type", BEFORE)
    op.drop_column("case_subscriptions", "responsible_id")
