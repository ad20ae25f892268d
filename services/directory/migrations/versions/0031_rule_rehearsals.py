"""How far each service said that a proposed row would reach."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_rehearsals",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("rehearsed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "moved >= 0 AND coalesce(running, moved) >= moved",
            name=op.f("ck_rule_rehearsals_moved"),
        ),
        sa.CheckConstraint(
            "service IN ('directory', 'intake', 'livelihood_support', 'notification',"
            " 'verification')",
            name=op.f("ck_rule_rehearsals_service"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["rule_proposals.id"],
            name=op.f("fk_rule_rehearsals_proposal_id_rule_proposals"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "service", name=op.f("pk_rule_rehearsals")),
    )


def downgrade() -> None:
    op.drop_table("rule_rehearsals")
