"""An organisation is told that what it asked about its offer was replied to."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.handed_over.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.endpoint.test.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
REPLIED = "vn.nhipcau.referral.question_answered.v1"
HELD_IN = (
    ("deliveries", "type"),
    ("ownerless_news", "type"),
    ("recordings", "type"),
    ("templates", "kind"),
)


def upgrade() -> None:
    for table, column in HELD_IN:
        allow(table, column, [*BEFORE, REPLIED])


def downgrade() -> None:
    told = f"SELECT id FROM deliveries WHERE type = '{REPLIED}'"  # noqa: S608
    for table in ("attempts", "notice_readings"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE delivery_id IN ({told})"))  # noqa: S608
    for table, column in HELD_IN:
        op.execute(sa.text(f"DELETE FROM {table} WHERE {column} = '{REPLIED}'"))  # noqa: S608
        allow(table, column, BEFORE)
