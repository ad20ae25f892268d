"""The papers of a verification are kept by their numbers: request, certificate, notice."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = "'certificate', 'notice_of_decision', 'request_letter'"


def upgrade() -> None:
    op.create_table(
        "issued_papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_issued_papers_kind")),
        sa.ForeignKeyConstraint(
            ["move_id"],
            ["verification_moves.id"],
            name=op.f("fk_issued_papers_move_id_verification_moves"),
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name=op.f("fk_issued_papers_verification_id_verifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_papers")),
    )
    op.create_index("ix_issued_papers_verification", "issued_papers", ["verification_id", "id"])


def downgrade() -> None:
    op.drop_table("issued_papers")
