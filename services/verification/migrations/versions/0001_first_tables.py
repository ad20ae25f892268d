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
        "verifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("age_band", sa.String(length=40), nullable=False),
        sa.Column("regime", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("proof", sa.String(length=40), nullable=True),
        sa.Column("grounds", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("evidence_ref", sa.String(length=60), nullable=True),
        sa.Column("verifier_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("is_extended", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identified_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'concluded') = (outcome IS NOT NULL) AND (status = 'concluded') = "
            "(concluded_at IS NOT NULL)",
            name=op.f("ck_verifications_concluded"),
        ),
        sa.CheckConstraint(
            "(status = 'opened') = (look_again_at IS NOT NULL) AND (status <> 'opened' OR "
            "verifier_id IS NULL)",
            name=op.f("ck_verifications_waiting"),
        ),
        sa.CheckConstraint(
            "(outcome IS NOT DISTINCT FROM 'identified') = (identified_on IS NOT NULL)",
            name=op.f("ck_verifications_identified"),
        ),
        sa.CheckConstraint(
            "age_band IN ('adult', 'under_16', 'under_18')", name=op.f("ck_verifications_age_band")
        ),
        sa.CheckConstraint(
            "grounds <@ ARRAY['foreign_body', 'mission_abroad', 'other_domestic_body', "
            "'other_lawful_source', 'other_victim_or_witness', 'person_or_relative', "
            "'procedural_body', 'rescuing_body', 'trafficker']::varchar[]",
            name=op.f("ck_verifications_grounds"),
        ),
        sa.CheckConstraint(
            "outcome IN ('identified', 'not_identified', 'withdrawn')",
            name=op.f("ck_verifications_outcome"),
        ),
        sa.CheckConstraint(
            "outcome IS DISTINCT FROM 'not_identified' OR (reason IS NOT NULL AND "
            "cardinality(grounds) > 0)",
            name=op.f("ck_verifications_negative_says_why"),
        ),
        sa.CheckConstraint(
            "proof IN ('DECLARATION', 'HANDOVER_RECORD', 'LEGALISED_FOREIGN_PAPER', "
            "'POLICE_CERTIFICATE', 'PROCEDURAL_BODY_PAPER', 'RESCUER_CERTIFICATE', "
            "'RETURN_CERTIFICATE')",
            name=op.f("ck_verifications_proof"),
        ),
        sa.CheckConstraint(
            "proof IS NULL OR outcome = 'identified'",
            name=op.f("ck_verifications_proof_identifies"),
        ),
        sa.CheckConstraint(
            "reason IN ('act_not_established', 'complaint_upheld', 'complex_case', "
            "'domestic_answer_awaited', 'evidence_insufficient', 'foreign_answer_awaited', "
            "'interpreter_awaited', 'means_not_established', 'new_evidence', "
            "'person_unavailable', 'person_withdrew', 'purpose_not_established', "
            "'recorded_twice')",
            name=op.f("ck_verifications_reason"),
        ),
        sa.CheckConstraint("regime IN ('2011', '2024')", name=op.f("ck_verifications_regime")),
        sa.CheckConstraint(
            "route IN ('BILATERAL_HANDOVER', 'MISSION_ABROAD', 'RESCUED', 'SELF_REPORT', "
            "'SELF_REPORT_BORDER')",
            name=op.f("ck_verifications_route"),
        ),
        sa.CheckConstraint(
            "status IN ('assigned', 'concluded', 'extended', 'in_progress', 'opened', 'paused')",
            name=op.f("ck_verifications_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('assigned', 'extended', 'in_progress', 'paused') OR verifier_id IS "
            "NOT NULL",
            name=op.f("ck_verifications_has_verifier"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
        sa.UniqueConstraint("case_id", name=op.f("uq_verifications_case_id")),
    )
    op.create_index("ix_verifications_inbox", "verifications", ["verifier_id", "id"], unique=False)
    op.create_index(
        "ix_verifications_waiting",
        "verifications",
        ["look_again_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'opened'"),
    )
    op.create_table(
        "verification_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("move", sa.String(length=40), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("grounds", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("evidence_ref", sa.String(length=60), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "from_status IN ('assigned', 'concluded', 'extended', 'in_progress', 'opened', "
            "'paused')",
            name=op.f("ck_verification_moves_from_status"),
        ),
        sa.CheckConstraint(
            "grounds <@ ARRAY['foreign_body', 'mission_abroad', 'other_domestic_body', "
            "'other_lawful_source', 'other_victim_or_witness', 'person_or_relative', "
            "'procedural_body', 'rescuing_body', 'trafficker']::varchar[]",
            name=op.f("ck_verification_moves_grounds"),
        ),
        sa.CheckConstraint(
            "move IN ('assign', 'conclude', 'extend', 'open', 'pause', 'reopen', 'resume', "
            "'start')",
            name=op.f("ck_verification_moves_move"),
        ),
        sa.CheckConstraint(
            "outcome IN ('identified', 'not_identified', 'withdrawn')",
            name=op.f("ck_verification_moves_outcome"),
        ),
        sa.CheckConstraint(
            "reason IN ('act_not_established', 'complaint_upheld', 'complex_case', "
            "'domestic_answer_awaited', 'evidence_insufficient', 'foreign_answer_awaited', "
            "'interpreter_awaited', 'means_not_established', 'new_evidence', "
            "'person_unavailable', 'person_withdrew', 'purpose_not_established', "
            "'recorded_twice')",
            name=op.f("ck_verification_moves_reason"),
        ),
        sa.CheckConstraint(
            "to_status IN ('assigned', 'concluded', 'extended', 'in_progress', 'opened', 'paused')",
            name=op.f("ck_verification_moves_to_status"),
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name=op.f("fk_verification_moves_verification_id_verifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_moves")),
    )
    op.create_index(
        "uq_verification_moves_version",
        "verification_moves",
        ["verification_id", "version"],
        unique=True,
    )
    op.create_table(
        "verifier_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_verifier_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name=op.f("pk_verifier_roles")
        ),
    )


def downgrade() -> None:
    op.drop_table("verifier_roles")
    op.drop_index("uq_verification_moves_version", table_name="verification_moves")
    op.drop_table("verification_moves")
    op.drop_index(
        "ix_verifications_waiting",
        table_name="verifications",
        postgresql_where=sa.text("status = 'opened'"),
    )
    op.drop_index("ix_verifications_inbox", table_name="verifications")
    op.drop_table("verifications")
    op.drop_table("organisations")
    messaging.step(1).downgrade()
    idempotency.step(1).downgrade()
    audit.step(1).downgrade()
