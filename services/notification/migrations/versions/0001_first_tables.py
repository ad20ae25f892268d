"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        op.f("ix_audit_entries_object_id"), "audit_entries", ["object_id"], unique=False
    )
    op.create_table(
        "broker_epochs",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_broker_epochs")),
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
        "begun_frames",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_begun_frames")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_delivery_attempts")),
        prefixes=["UNLOGGED"],
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
        "heartbeats",
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "held_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "held_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_held_messages")),
    )
    op.create_index("ix_held_messages_due", "held_messages", ["next_at"], unique=False)
    op.create_index(
        "ix_held_messages_turn",
        "held_messages",
        ["source", "aggregate_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"], unique=False
    )
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "inbox_cursors",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "aggregate_id", name=op.f("pk_inbox_cursors")),
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
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "destination", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["destination", "next_at"], unique=False)
    op.create_table(
        "outbox_sequences",
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "aggregate_id", name=op.f("pk_outbox_sequences")),
    )
    op.create_table(
        "outbox_totals",
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("resent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", name=op.f("pk_outbox_totals")),
    )
    op.create_table(
        "parked_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "parked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_by", sa.String(length=200), nullable=True),
        sa.Column("replay_reason", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_parked_messages")),
    )
    op.create_table(
        "refused_envelopes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column(
            "first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refused_envelopes")),
    )


def downgrade() -> None:
    op.drop_table("refused_envelopes")
    op.drop_table("parked_messages")
    op.drop_table("outbox_totals")
    op.drop_table("outbox_sequences")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("organisations")
    op.drop_table("inbox_cursors")
    op.drop_table("inbox")
    op.drop_index(op.f("ix_idempotency_keys_expires_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_held_messages_turn", table_name="held_messages")
    op.drop_index("ix_held_messages_due", table_name="held_messages")
    op.drop_table("held_messages")
    op.drop_table("heartbeats")
    op.drop_index(
        "ix_endpoints_active", table_name="endpoints", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_table("endpoints")
    op.drop_table("delivery_attempts")
    op.drop_table("begun_frames")
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
    op.drop_table("broker_epochs")
    op.drop_index(op.f("ix_audit_entries_object_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("attempts")
