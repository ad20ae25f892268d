"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit.steps.audit import audit
from shared.kit.steps.idempotency import idempotency
from shared.messaging.steps import messaging

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    audit.step(1).upgrade()
    idempotency.step(1).upgrade()
    messaging.step(1).upgrade()
    op.create_table(
        "attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('address_refused', 'delivered', 'failed', 'fault', 'gone', "
            "'redirected', 'rejected', 'throttled', 'tls_failed', 'unknown', 'unreachable')",
            name=op.f("ck_attempts_outcome"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempts_ended")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_attempts")),
    )
    op.create_table(
        "case_subscriptions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_subscriptions")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("effect_key", sa.String(length=160), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries_before", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_code", sa.String(length=40), nullable=True),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_by", sa.String(length=200), nullable=True),
        sa.Column("replay_reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(concluded_at IS NOT NULL) = (state IN ('delivered', 'no_endpoint', 'parked'))",
            name=op.f("ck_deliveries_concluded"),
        ),
        sa.CheckConstraint(
            "last_code IN ('address_refused', 'delivered', 'failed', 'fault', 'gone', "
            "'redirected', 'rejected', 'throttled', 'tls_failed', 'unknown', 'unreachable')",
            name=op.f("ck_deliveries_last_code"),
        ),
        sa.CheckConstraint(
            "replay_reason IN ('cause_fixed', 'code_upgraded', 'handled_by_hand', 'not_needed', "
            "'transient_fault')",
            name=op.f("ck_deliveries_replay_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('delivered', 'no_endpoint', 'parked', 'pending', 'sending', 'unknown')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint(
            "type IN ('vn.nhipcau.referral.moved.v1', 'vn.nhipcau.referral.purge.v1', "
            "'vn.nhipcau.referral.requested.v1', 'vn.nhipcau.verification.concluded.v1', "
            "'vn.nhipcau.verification.opened.v1')",
            name=op.f("ck_deliveries_type"),
        ),
        sa.CheckConstraint("tries_before <= attempts", name=op.f("ck_deliveries_tries_before")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_deliveries_effect_key")),
    )
    op.create_index("ix_deliveries_case", "deliveries", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["organisation_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_index(
        "ix_deliveries_organisation", "deliveries", ["organisation_id", "id"], unique=False
    )
    op.create_index(
        "ix_deliveries_parked",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("state = 'no_endpoint'"),
    )
    op.create_table(
        "endpoints",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("secret_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "consecutive_failures", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_endpoints_status")),
        sa.CheckConstraint(
            "consecutive_failures >= 0", name=op.f("ck_endpoints_consecutive_failures")
        ),
        sa.CheckConstraint("secret_version >= 1", name=op.f("ck_endpoints_secret_version")),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_endpoints")),
    )
    op.create_index(
        "ix_endpoints_active",
        "endpoints",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "organisations",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('border_guard', 'coast_guard', 'commune_committee', 'employment_centre', "
            "'health_authority', 'hospital', 'hotline', 'legal_aid_centre', 'mission', "
            "'operations', 'peer_group', 'police', 'policy_bank', 'social_affairs', "
            "'support_facility', 'vocational_school', 'womens_union')",
            name=op.f("ck_organisations_kind"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_organisations")),
    )


def downgrade() -> None:
    op.drop_table("organisations")
    op.drop_index(
        "ix_endpoints_active", table_name="endpoints", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_table("endpoints")
    op.drop_index(
        "ix_deliveries_waiting",
        table_name="deliveries",
        postgresql_where=sa.text("state = 'no_endpoint'"),
    )
    op.drop_index(
        "ix_deliveries_sending",
        table_name="deliveries",
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.drop_index(
        "ix_deliveries_parked",
        table_name="deliveries",
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.drop_index("ix_deliveries_organisation", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_due",
        table_name="deliveries",
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.drop_index("ix_deliveries_case", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("case_subscriptions")
    op.drop_table("attempts")
    messaging.step(1).downgrade()
    idempotency.step(1).downgrade()
    audit.step(1).downgrade()
