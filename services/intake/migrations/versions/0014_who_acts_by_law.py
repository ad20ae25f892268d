"""Who acts by law on a case: held roles, parts given by its owner, and every opened file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROLES = (
    "'administrator', 'auditor', 'case_owner', 'community', 'facility', 'operator', "
    "'protector', 'provider', 'receiver', 'verifier'"
)
ASSIGNED = "'facility', 'protector'"
ASSIGNMENT_REASONS = (
    "'care_needed', 'escort_needed', 'moved_elsewhere', 'no_longer_needed', "
    "'person_declined', 'shelter_needed', 'threat'"
)
PURPOSES = "'case_management', 'protection', 'shelter', 'verification'"
REASONS = (
    "'care', 'check_of_papers', 'complaint', 'contact', 'escort', 'immediate_needs', "
    "'interview', 'other_body_asked', 'reception', 'return_home', 'support_planning', "
    "'threat'"
)


def upgrade() -> None:
    op.create_table(
        "held_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("area_code", sa.String(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("organisation_code", sa.String(80), nullable=False),
        sa.CheckConstraint(f"role IN ({ROLES})", name=op.f("ck_held_roles_role")),
        sa.PrimaryKeyConstraint(
            "organisation_id", "role", "area_code", "valid_from", name=op.f("pk_held_roles")
        ),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(40), nullable=True),
        sa.CheckConstraint(f"role IN ({ASSIGNED})", name=op.f("ck_assignments_role")),
        sa.CheckConstraint(f"reason IN ({ASSIGNMENT_REASONS})", name=op.f("ck_assignments_reason")),
        sa.CheckConstraint(
            f"end_reason IN ({ASSIGNMENT_REASONS})", name=op.f("ck_assignments_end_reason")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_assignments_order")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_assignments_end")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_assignments_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(
        "uq_assignments_open",
        "assignments",
        ["case_id", "organisation_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_assignments_organisation", "assignments", ["organisation_id", "id"])
    op.create_table(
        "file_disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.String(40)), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"purpose IN ({PURPOSES})", name=op.f("ck_file_disclosures_purpose")),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_file_disclosures_reason")),
        sa.CheckConstraint("cardinality(fields) > 0", name=op.f("ck_file_disclosures_fields")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_file_disclosures_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_disclosures")),
    )
    op.create_index("ix_file_disclosures_case", "file_disclosures", ["case_id"])


def downgrade() -> None:
    op.drop_table("file_disclosures")
    op.drop_table("assignments")
    op.drop_table("held_roles")
