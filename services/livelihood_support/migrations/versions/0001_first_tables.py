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
        "case_files",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_kind", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("age_band", sa.String(length=40), nullable=False),
        sa.Column("sex", sa.String(length=40), nullable=False),
        sa.Column("citizenship", sa.String(length=40), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("requested_services", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verification_outcome", sa.String(length=40), nullable=True),
        sa.Column("verification_regime", sa.String(length=40), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "age_band IN ('adult', 'under_16', 'under_18')", name=op.f("ck_case_files_age_band")
        ),
        sa.CheckConstraint(
            "citizenship IN ('foreign', 'stateless', 'vietnamese')",
            name=op.f("ck_case_files_citizenship"),
        ),
        sa.CheckConstraint(
            "receiver_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_case_files_receiver_kind"),
        ),
        sa.CheckConstraint(
            "route IN ('BILATERAL_HANDOVER', 'MISSION_ABROAD', 'RESCUED', 'SELF_REPORT', "
            "'SELF_REPORT_BORDER')",
            name=op.f("ck_case_files_route"),
        ),
        sa.CheckConstraint("sex IN ('female', 'male', 'other')", name=op.f("ck_case_files_sex")),
        sa.CheckConstraint(
            "verification_outcome IN ('identified', 'not_identified', 'withdrawn')",
            name=op.f("ck_case_files_verification_outcome"),
        ),
        sa.CheckConstraint(
            "verification_regime IN ('2011', '2024')",
            name=op.f("ck_case_files_verification_regime"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_files")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(length=40), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("area_codes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("staff_sex", sa.String(length=40), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("offers_made", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("offers_declined", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changes", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("assured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "organisation_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_programmes_organisation_kind"),
        ),
        sa.CheckConstraint(
            "staff_sex IN ('female', 'male', 'other')", name=op.f("ck_programmes_staff_sex")
        ),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_programmes_capacity")),
        sa.CheckConstraint("ceiling >= capacity", name=op.f("ck_programmes_ceiling")),
        sa.CheckConstraint("held BETWEEN 0 AND ceiling", name=op.f("ck_programmes_held")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
    )
    op.create_index(
        op.f("ix_programmes_organisation_id"), "programmes", ["organisation_id"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "organisation_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_consents_organisation_kind"),
        ),
        sa.CheckConstraint("purpose IN ('service_referral')", name=op.f("ck_consents_purpose")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_consents_case_id_case_files")
        ),
        sa.PrimaryKeyConstraint(
            "case_id", "organisation_kind", "purpose", name=op.f("pk_consents")
        ),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("regime", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('FOREIGNER', 'MINOR_ACCOMPANYING', 'PRESUMED_ABROAD', "
            "'PRESUMED_IN_COUNTRY', 'VICTIM_RESIDENT')",
            name=op.f("ck_plans_category"),
        ),
        sa.CheckConstraint("regime IN ('2011', '2024')", name=op.f("ck_plans_regime")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_plans_case_id_case_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("case_id", name=op.f("uq_plans_case_id")),
    )
    op.create_table(
        "entitlements",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("legal_ref", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "code IN ('EDUCATION', 'ESSENTIAL', 'HARDSHIP', 'INTERPRETATION', 'LEGAL_AID', "
            "'LEGAL_SUPPORT', 'LOAN', 'MEDICAL', 'PSYCHOLOGICAL', 'TRAVEL', 'VOCATIONAL')",
            name=op.f("ck_entitlements_code"),
        ),
        sa.CheckConstraint(
            "decision IN ('entitled', 'needs_information', 'not_entitled')",
            name=op.f("ck_entitlements_decision"),
        ),
        sa.CheckConstraint(
            "status IN ('assumed', 'confirmed', 'recalled')", name=op.f("ck_entitlements_status")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_entitlements_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("plan_id", "code", name=op.f("pk_entitlements")),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_changes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(outcome IS NOT NULL) = (status = 'completed')",
            name=op.f("ck_referrals_outcome_completed"),
        ),
        sa.CheckConstraint(
            "code IN ('EDUCATION', 'ESSENTIAL', 'HARDSHIP', 'INTERPRETATION', 'LEGAL_AID', "
            "'LEGAL_SUPPORT', 'LOAN', 'MEDICAL', 'PSYCHOLOGICAL', 'TRAVEL', 'VOCATIONAL')",
            name=op.f("ck_referrals_code"),
        ),
        sa.CheckConstraint(
            "outcome IN ('not_provided', 'partly_provided', 'provided')",
            name=op.f("ck_referrals_outcome"),
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'cancelled', 'completed', 'draft', 'entered_in_error', "
            "'failed', 'in_progress', 'on_hold', 'rejected', 'requested', 'unplaced')",
            name=op.f("ck_referrals_status"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_referrals_case_id_case_files")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_referrals_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    op.create_index(op.f("ix_referrals_case_id"), "referrals", ["case_id"], unique=False)
    op.create_index(
        "ix_referrals_unplaced",
        "referrals",
        ["code"],
        unique=False,
        postgresql_where=sa.text("status = 'unplaced'"),
    )
    op.create_index(
        "uq_referrals_live",
        "referrals",
        ["case_id", "code"],
        unique=True,
        postgresql_where=sa.text(
            "status NOT IN ('cancelled', 'completed', 'entered_in_error', 'failed')"
        ),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "code IN ('EDUCATION', 'ESSENTIAL', 'HARDSHIP', 'INTERPRETATION', 'LEGAL_AID', "
            "'LEGAL_SUPPORT', 'LOAN', 'MEDICAL', 'PSYCHOLOGICAL', 'TRAVEL', 'VOCATIONAL')",
            name=op.f("ck_alerts_code"),
        ),
        sa.CheckConstraint(
            "kind IN ('consent_withdrawn', 'delivery_parked', 'needs_information', "
            "'no_endpoint', 'no_programme')",
            name=op.f("ck_alerts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_alerts_case_id_case_files")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_alerts_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_case", "alerts", ["case_id"], unique=False)
    op.create_index(
        "ix_alerts_referral",
        "alerts",
        ["referral_id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["case_id", "code", "kind"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("purge_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purge_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status IN ('accepted', 'offered'))", name=op.f("ck_offers_ended")
        ),
        sa.CheckConstraint(
            "is_current OR status NOT IN ('accepted', 'offered')",
            name=op.f("ck_offers_open_is_current"),
        ),
        sa.CheckConstraint(
            "accepted_at IS NOT NULL OR status NOT IN ('accepted', 'completed', 'failed')",
            name=op.f("ck_offers_accepted"),
        ),
        sa.CheckConstraint(
            "(purge_asked_at IS NULL OR accepted_at IS NOT NULL) AND "
            "(purge_confirmed_at IS NULL OR purge_asked_at IS NOT NULL)",
            name=op.f("ck_offers_purge"),
        ),
        sa.CheckConstraint(
            "organisation_kind IN ('border_guard', 'coast_guard', 'commune_committee', "
            "'employment_centre', 'health_authority', 'hospital', 'hotline', "
            "'legal_aid_centre', 'mission', 'operations', 'peer_group', 'police', "
            "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
            "'womens_union')",
            name=op.f("ck_offers_organisation_kind"),
        ),
        sa.CheckConstraint(
            "reason IN ('capacity', 'consent_withdrawn', 'distance', 'eligibility', "
            "'no_answer', 'no_programme', 'other', 'person_declined', 'safety', 'timing')",
            name=op.f("ck_offers_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'cancelled', 'completed', 'expired', 'failed', 'offered', "
            "'recalled', 'rejected')",
            name=op.f("ck_offers_status"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_offers_programme_id_programmes")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_offers_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(
        "ix_offers_due",
        "offers",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index("ix_offers_history", "offers", ["referral_id"], unique=False)
    op.create_index(
        "ix_offers_inbox",
        "offers",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "uq_offers_current",
        "offers",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "referral_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('not_provided', 'partly_provided', 'provided')",
            name=op.f("ck_referral_moves_outcome"),
        ),
        sa.CheckConstraint(
            "reason IN ('capacity', 'consent_withdrawn', 'distance', 'eligibility', "
            "'no_answer', 'no_programme', 'other', 'person_declined', 'safety', 'timing')",
            name=op.f("ck_referral_moves_reason"),
        ),
        sa.CheckConstraint(
            "to_status IN ('accepted', 'cancelled', 'completed', 'draft', 'entered_in_error', "
            "'failed', 'in_progress', 'on_hold', 'rejected', 'requested', 'unplaced')",
            name=op.f("ck_referral_moves_to_status"),
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_referral_moves_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_moves_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_moves")),
    )
    op.create_index(
        "ix_referral_moves_referral", "referral_moves", ["referral_id", "id"], unique=False
    )
    op.create_index(
        "uq_referral_moves_version",
        "referral_moves",
        ["referral_id", "version"],
        unique=True,
        postgresql_where=sa.text("from_status IS DISTINCT FROM to_status"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_referral_moves_version",
        table_name="referral_moves",
        postgresql_where=sa.text("from_status IS DISTINCT FROM to_status"),
    )
    op.drop_index("ix_referral_moves_referral", table_name="referral_moves")
    op.drop_table("referral_moves")
    op.drop_index("uq_offers_current", table_name="offers", postgresql_where=sa.text("is_current"))
    op.drop_index("ix_offers_inbox", table_name="offers", postgresql_where=sa.text("is_current"))
    op.drop_index("ix_offers_history", table_name="offers")
    op.drop_index(
        "ix_offers_due", table_name="offers", postgresql_where=sa.text("status = 'offered'")
    )
    op.drop_table("offers")
    op.drop_index(
        "uq_alerts_open", table_name="alerts", postgresql_where=sa.text("settled_at IS NULL")
    )
    op.drop_index(
        "ix_alerts_referral", table_name="alerts", postgresql_where=sa.text("settled_at IS NULL")
    )
    op.drop_index("ix_alerts_case", table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(
        "uq_referrals_live",
        table_name="referrals",
        postgresql_where=sa.text(
            "status NOT IN ('cancelled', 'completed', 'entered_in_error', 'failed')"
        ),
    )
    op.drop_index(
        "ix_referrals_unplaced",
        table_name="referrals",
        postgresql_where=sa.text("status = 'unplaced'"),
    )
    op.drop_index(op.f("ix_referrals_case_id"), table_name="referrals")
    op.drop_table("referrals")
    op.drop_table("entitlements")
    op.drop_table("plans")
    op.drop_table("consents")
    op.drop_index(op.f("ix_programmes_organisation_id"), table_name="programmes")
    op.drop_table("programmes")
    op.drop_table("organisations")
    op.drop_table("case_files")
    messaging.step(1).downgrade()
    idempotency.step(1).downgrade()
    audit.step(1).downgrade()
