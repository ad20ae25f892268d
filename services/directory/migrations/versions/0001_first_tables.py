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
    op.drop_table("organisations")
    messaging.step(1).downgrade()
    idempotency.step(1).downgrade()
    audit.step(1).downgrade()
