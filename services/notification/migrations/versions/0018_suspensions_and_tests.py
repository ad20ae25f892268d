"""Sending to an endpoint can be suspended, and an endpoint can be tested."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.handed_over.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
TEST = "vn.nhipcau.endpoint.test.v1"
STATES = ("delivered", "no_endpoint", "parked", "pending", "sending", "unknown")
FAILED = "failed"
CONCLUDED = ("delivered", "parked", "no_endpoint")
REASONS = ("incident", "partner_asked", "partner_down", "wrong_address")
HELD_IN = ("deliveries", "ownerless_news")


def upgrade() -> None:
    for table in HELD_IN:
        allow(table, "type", [*BEFORE, TEST])
    allow("deliveries", "state", [*STATES, FAILED])
    _conclude([*CONCLUDED, FAILED])
    op.alter_column("deliveries", "case_id", nullable=True)
    for column in (
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_by", sa.String(length=200), nullable=True),
        sa.Column("suspension_reason", sa.String(length=40), nullable=True),
    ):
        op.add_column("endpoints", column)
    codes = ", ".join(f"'{code}'" for code in REASONS)
    op.create_check_constraint(
        op.f("ck_endpoints_suspension_reason"), "endpoints", f"suspension_reason IN ({codes})"
    )


def downgrade() -> None:
    for name in ("suspension_reason", "suspended_by", "suspended_at"):
        op.drop_column("endpoints", name)
    tests = f"SELECT id FROM deliveries WHERE type = '{TEST}'"  # noqa: S608
    op.execute(sa.text(f"DELETE FROM attempts WHERE delivery_id IN ({tests})"))  # noqa: S608
    for table in HELD_IN:
        op.execute(sa.text(f"DELETE FROM {table} WHERE type = '{TEST}'"))  # noqa: S608
        allow(table, "type", BEFORE)
    _conclude(CONCLUDED)
    allow("deliveries", "state", STATES)
    op.alter_column("deliveries", "case_id", nullable=False)


def _conclude(states: list[str] | tuple[str, ...]) -> None:
    name = op.f("ck_deliveries_concluded")
    listed = ", ".join(f"'{state}'" for state in sorted(states))
    op.drop_constraint(name, "deliveries")
    op.create_check_constraint(
        name, "deliveries", f"(concluded_at IS NOT NULL) = (state IN ({listed}))"
    )
