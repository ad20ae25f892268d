"""Who owns which cases, where a case is, and what is told of one that nobody owns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit.columns import listed
from shared.kit.migrations import allow

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FORMER = (
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
NEW = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
)
SERVICES = ("directory", "intake", "livelihood_support", "notification", "verification")


def upgrade() -> None:
    op.add_column("case_subscriptions", sa.Column("area_code", sa.String(length=10)))
    op.add_column("case_subscriptions", sa.Column("area_told_on", sa.Date()))
    op.create_table(
        "owner_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.organisation_id"],
            name=op.f("fk_owner_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name=op.f("pk_owner_roles")
        ),
    )
    op.create_table(
        "ownerless_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"type IN ({listed(FORMER + NEW)})", name=op.f("ck_ownerless_news_type")
        ),
        sa.CheckConstraint(
            f"source IN ({listed(SERVICES)})", name=op.f("ck_ownerless_news_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownerless_news")),
        sa.UniqueConstraint("type", "cause_id", name=op.f("uq_ownerless_news_type_cause_id")),
    )
    op.create_index("ix_ownerless_news_case", "ownerless_news", ["case_id"], unique=False)
    allow("deliveries", "type", FORMER + NEW)


def downgrade() -> None:
    # What the release before cannot tell, it must not find waiting.
    op.execute(f"DELETE FROM deliveries WHERE type IN ({listed(NEW)})")  # noqa: S608 - our words
    allow("deliveries", "type", FORMER)
    op.drop_index("ix_ownerless_news_case", table_name="ownerless_news")
    op.drop_table("ownerless_news")
    op.drop_table("owner_roles")
    op.drop_column("case_subscriptions", "area_told_on")
    op.drop_column("case_subscriptions", "area_code")
