"""What is typed before a case can be submitted is kept sealed, for a while."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SECTIONS = (
    "beside", "consents", "contact", "events", "needs", "papers", "person", "reception",
)  # fmt: skip


def upgrade() -> None:
    listed = ", ".join(f"'{code}'" for code in SECTIONS)
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("master_version", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sections", ARRAY(sa.String(40)), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.CheckConstraint(
            f"sections <@ ARRAY[{listed}]::varchar[]", name=op.f("ck_drafts_sections")
        ),
        sa.CheckConstraint(
            "(case_id IS NULL) = (content IS NOT NULL)", name=op.f("ck_drafts_content")
        ),
        *(
            sa.CheckConstraint(
                f"(content IS NULL) = ({column} IS NULL)", name=op.f(f"ck_drafts_{column}")
            )
            for column in ("wrapped_key", "master_version")
        ),
    )
    op.create_index("ix_drafts_owner", "drafts", ["organisation_id", "owner", "id"])
    op.create_index("ix_drafts_changed", "drafts", ["changed_at"])


def downgrade() -> None:
    op.drop_table("drafts")
