"""What was accepted has to begin, and what was provided to be confirmed, by clocks."""

import sqlalchemy as sa
from alembic import op

from shared.clocks.steps import clocks
from shared.kit.migrations import allow

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_longer_identified",
    "no_programme",
    "offer_question",
    "offer_unanswered",
    "offer_undelivered",
    "offer_unread",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "window_closing",
)


def upgrade() -> None:
    clocks.step(1).upgrade()
    clocks.step(2).upgrade()
    op.create_table(
        "manager_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_manager_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name=op.f("pk_manager_roles")
        ),
    )
    op.add_column(
        "organisations",
        sa.Column("managers_told", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.create_index(
        "ix_referrals_accepted",
        "referrals",
        ["id"],
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "ix_offers_unconfirmed",
        "offers",
        ["referral_id"],
        postgresql_where=sa.text("is_current AND status = 'completed' AND confirmed_at IS NULL"),
    )
    allow("alerts", "kind", [*BEFORE, "service_unstarted"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'service_unstarted'")
    allow("alerts", "kind", BEFORE)
    op.drop_index("ix_offers_unconfirmed", table_name="offers")
    op.drop_index("ix_referrals_accepted", table_name="referrals")
    op.drop_column("organisations", "managers_told")
    op.drop_table("manager_roles")
    clocks.step(2).downgrade()
    clocks.step(1).downgrade()
