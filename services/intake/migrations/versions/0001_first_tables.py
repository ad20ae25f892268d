"""First tables."""

import sqlalchemy as sa
from alembic import op

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
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("master_version", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_kind", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("age_band", sa.String(length=40), nullable=False),
        sa.Column("sex", sa.String(length=40), nullable=False),
        sa.Column("citizenship", sa.String(length=40), nullable=False),
        sa.Column("origin_unit_code", sa.String(length=5), nullable=True),
        sa.Column("present_unit_code", sa.String(length=5), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("needs_interpreter", sa.Boolean(), nullable=False),
        sa.Column("requested_services", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("warnings", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("sender_reference", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "age_band IN ('adult', 'under_16', 'under_18')", name=op.f("ck_cases_age_band")
        ),
        sa.CheckConstraint(
            "citizenship IN ('foreign', 'stateless', 'vietnamese')",
            name=op.f("ck_cases_citizenship"),
        ),
        sa.CheckConstraint(
            "receiver_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_cases_receiver_kind"),
        ),
        sa.CheckConstraint(
            "route IN ('BILATERAL_HANDOVER', 'MISSION_ABROAD', 'RESCUED', 'SELF_REPORT', "
            "'SELF_REPORT_BORDER')",
            name=op.f("ck_cases_route"),
        ),
        sa.CheckConstraint("sex IN ('female', 'male', 'other')", name=op.f("ck_cases_sex")),
        sa.CheckConstraint(
            "status IN ('identified', 'in_support', 'in_verification', 'not_identified', "
            "'received', 'withdrawn')",
            name=op.f("ck_cases_status"),
        ),
        sa.CheckConstraint(
            "coalesce(present_unit_code, origin_unit_code) IS NOT NULL",
            name=op.f("ck_cases_has_unit"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_cases_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_cases_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("code", name=op.f("uq_cases_code")),
    )
    op.create_index(op.f("ix_cases_person_id"), "cases", ["person_id"], unique=False)
    op.create_index("ix_cases_receiver", "cases", ["receiver_id", "id"], unique=False)
    op.create_table(
        "person_indexes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "field IN ('identity_number', 'phone')", name=op.f("ck_person_indexes_field")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_indexes_person_id_persons")
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "field", "blind_index", name=op.f("pk_person_indexes")
        ),
    )
    op.create_index(
        "ix_person_indexes_search", "person_indexes", ["field", "blind_index"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("witness", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "organisation_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_consents_organisation_kind"),
        ),
        sa.CheckConstraint("purpose IN ('service_referral')", name=op.f("ck_consents_purpose")),
        sa.CheckConstraint("withdrawn_at >= given_at", name=op.f("ck_consents_order")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_consents_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_case", "consents", ["case_id"], unique=False)
    op.create_index(
        "uq_consents_live",
        "consents",
        ["case_id", "organisation_kind", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'granted') = (cardinality(fields) > 0)", name=op.f("ck_disclosures_fields")
        ),
        sa.CheckConstraint(
            "outcome IN ('granted', 'no_live_consent', 'referral_not_accepted', "
            "'referral_not_found')",
            name=op.f("ck_disclosures_outcome"),
        ),
        sa.CheckConstraint("purpose IN ('service_referral')", name=op.f("ck_disclosures_purpose")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_disclosures_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index("ix_disclosures_case", "disclosures", ["case_id"], unique=False)
    op.create_table(
        "journey_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('plan_opened', 'received', 'referral_moved', 'referral_requested', "
            "'verification_concluded', 'verification_opened')",
            name=op.f("ck_journey_steps_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_journey_steps_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_steps")),
    )
    op.create_index("ix_journey_steps_case", "journey_steps", ["case_id", "at", "id"], unique=False)
    op.create_table(
        "papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "type IN ('DECLARATION', 'HANDOVER_RECORD', 'LEGALISED_FOREIGN_PAPER', "
            "'POLICE_CERTIFICATE', 'PROCEDURAL_BODY_PAPER', 'RESCUER_CERTIFICATE', "
            "'RETURN_CERTIFICATE')",
            name=op.f("ck_papers_type"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_papers_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_case_id"), "papers", ["case_id"], unique=False)
    op.create_table(
        "partner_grants",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_kind", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "organisation_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_partner_grants_organisation_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'cancelled', 'completed', 'draft', 'entered_in_error', "
            "'failed', 'in_progress', 'on_hold', 'rejected', 'requested', 'unplaced')",
            name=op.f("ck_partner_grants_status"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_partner_grants_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_partner_grants")),
    )
    op.create_index("ix_partner_grants_case", "partner_grants", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_partner_grants_case", table_name="partner_grants")
    op.drop_table("partner_grants")
    op.drop_index(op.f("ix_papers_case_id"), table_name="papers")
    op.drop_table("papers")
    op.drop_index("ix_journey_steps_case", table_name="journey_steps")
    op.drop_table("journey_steps")
    op.drop_index("ix_disclosures_case", table_name="disclosures")
    op.drop_table("disclosures")
    op.drop_index(
        "uq_consents_live", table_name="consents", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_index("ix_consents_case", table_name="consents")
    op.drop_table("consents")
    op.drop_index("ix_person_indexes_search", table_name="person_indexes")
    op.drop_table("person_indexes")
    op.drop_index("ix_cases_receiver", table_name="cases")
    op.drop_index(op.f("ix_cases_person_id"), table_name="cases")
    op.drop_table("cases")
    op.drop_table("persons")
    messaging.step(1).downgrade()
    idempotency.step(1).downgrade()
    audit.step(1).downgrade()
