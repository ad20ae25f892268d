"""Evidence is recorded by source, number, issuer and day, and a decision cites it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SOURCES = (
    "'foreign_body', 'mission_abroad', 'other_domestic_body', 'other_lawful_source', "
    "'other_victim_or_witness', 'person_or_relative', 'procedural_body', 'rescuing_body', "
    "'trafficker'"
)


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"source IN ({SOURCES})", name=op.f("ck_evidence_source")),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisations.id"], name=op.f("fk_evidence_issuer_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name=op.f("fk_evidence_verification_id_verifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_verification", "evidence", ["verification_id", "id"])
    # The default stays: the release before goes on writing rows during a roll-out.
    for table in ("verifications", "verification_moves"):
        op.add_column(
            table,
            sa.Column(
                "evidence", sa.ARRAY(sa.Uuid()), nullable=False, server_default=sa.text("'{}'")
            ),
        )


def downgrade() -> None:
    for table in ("verification_moves", "verifications"):
        op.drop_column(table, "evidence")
    op.drop_table("evidence")
