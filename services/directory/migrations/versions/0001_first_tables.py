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
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "certainty IN ('assumed', 'confirmed', 'recalled')",
            name=op.f("ck_organisations_certainty"),
        ),
        sa.CheckConstraint(
            "kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_organisations_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
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
    op.create_table(
        "unit_successions",
        sa.Column("old_code", sa.String(length=10), nullable=False),
        sa.Column("new_code", sa.String(length=10), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(
            "old_code", "new_code", "changed_on", name=op.f("pk_unit_successions")
        ),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_code", sa.String(length=10), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "kind IN ('commune', 'district', 'province', 'special_zone', 'ward')",
            name=op.f("ck_units_kind"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_units_interval")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_units")),
    )
    op.create_index(op.f("ix_units_parent_code"), "units", ["parent_code"], unique=False)
    op.create_table(
        "clients",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT public_jwk ? 'd'", name=op.f("ck_clients_public_jwk")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_clients_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_clients")),
    )
    op.create_index(
        op.f("ix_clients_organisation_id"), "clients", ["organisation_id"], unique=False
    )
    op.create_table(
        "endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_endpoints_status")),
        sa.CheckConstraint("secret_version >= 1", name=op.f("ck_endpoints_secret_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_endpoints_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoints")),
    )
    op.create_index(
        op.f("ix_endpoints_organisation_id"), "endpoints", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_endpoints_active",
        "endpoints",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "organisation_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('administrator', 'auditor', 'case_owner', 'community', 'facility', "
            "'operator', 'protector', 'provider', 'receiver', 'verifier')",
            name=op.f("ck_organisation_roles_role"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_organisation_roles_interval")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "role", "area_code", "valid_from", name=op.f("pk_organisation_roles")
        ),
    )
    op.create_index(
        "ix_organisation_roles_held", "organisation_roles", ["role", "area_code"], unique=False
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("area_codes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("staff_sex", sa.String(length=20), nullable=True),
        sa.Column("assured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "certainty IN ('assumed', 'confirmed', 'recalled')",
            name=op.f("ck_programmes_certainty"),
        ),
        sa.CheckConstraint(
            "codes <@ ARRAY['EDUCATION', 'ESSENTIAL', 'HARDSHIP', 'INTERPRETATION', "
            "'LEGAL_AID', 'LEGAL_SUPPORT', 'LOAN', 'MEDICAL', 'PSYCHOLOGICAL', 'TRAVEL', "
            "'VOCATIONAL']::varchar[] AND cardinality(codes) > 0",
            name=op.f("ck_programmes_codes"),
        ),
        sa.CheckConstraint(
            "staff_sex IN ('female', 'male', 'other')", name=op.f("ck_programmes_staff_sex")
        ),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_programmes_capacity")),
        sa.CheckConstraint("maximum_age BETWEEN 0 AND 150", name=op.f("ck_programmes_maximum_age")),
        sa.CheckConstraint("minimum_age <= maximum_age", name=op.f("ck_programmes_ages")),
        sa.CheckConstraint("minimum_age BETWEEN 0 AND 150", name=op.f("ck_programmes_minimum_age")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_programmes_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
    )
    op.create_index(
        op.f("ix_programmes_organisation_id"), "programmes", ["organisation_id"], unique=False
    )
    op.create_table(
        "client_assertions",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("jti", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_client_assertions_client_id_clients"),
        ),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_client_assertions")),
    )
    op.create_index(
        op.f("ix_client_assertions_expires_at"), "client_assertions", ["expires_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_client_assertions_expires_at"), table_name="client_assertions")
    op.drop_table("client_assertions")
    op.drop_index(op.f("ix_programmes_organisation_id"), table_name="programmes")
    op.drop_table("programmes")
    op.drop_index("ix_organisation_roles_held", table_name="organisation_roles")
    op.drop_table("organisation_roles")
    op.drop_index(
        "uq_endpoints_active", table_name="endpoints", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index(op.f("ix_endpoints_organisation_id"), table_name="endpoints")
    op.drop_table("endpoints")
    op.drop_index(op.f("ix_clients_organisation_id"), table_name="clients")
    op.drop_table("clients")
    op.drop_index(op.f("ix_units_parent_code"), table_name="units")
    op.drop_table("units")
    op.drop_table("unit_successions")
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
    op.drop_table("delivery_attempts")
    op.drop_table("begun_frames")
    op.drop_table("broker_epochs")
    op.drop_index(op.f("ix_audit_entries_object_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
