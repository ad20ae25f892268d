"""Identity providers that vouch for the people of an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_identity_providers_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_identity_providers")),
    )
    op.add_column("staff_credentials", sa.Column("outside_digest", sa.LargeBinary()))
    op.create_unique_constraint(
        op.f("uq_staff_credentials_outside_digest"), "staff_credentials", ["outside_digest"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_staff_credentials_outside_digest"), "staff_credentials")
    op.drop_column("staff_credentials", "outside_digest")
    op.drop_table("identity_providers")
