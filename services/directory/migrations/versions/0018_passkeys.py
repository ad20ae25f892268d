"""Passkeys, what they answer to, and showing again who one is before changing how one logs in."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_passkeys_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkeys_credential_id")),
    )
    op.create_index(
        op.f("ix_staff_passkeys_staff_id"), "staff_passkeys", ["staff_id"], unique=False
    )
    op.add_column("staff_credentials", sa.Column("next_authenticator", sa.LargeBinary()))
    op.add_column("staff_sessions", sa.Column("challenge", sa.LargeBinary()))
    op.add_column("staff_sessions", sa.Column("challenge_until", sa.DateTime(timezone=True)))
    op.add_column("staff_sessions", sa.Column("confirmed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("staff_sessions", "confirmed_at")
    op.drop_column("staff_sessions", "challenge_until")
    op.drop_column("staff_sessions", "challenge")
    op.drop_column("staff_credentials", "next_authenticator")
    op.drop_index(op.f("ix_staff_passkeys_staff_id"), table_name="staff_passkeys")
    op.drop_table("staff_passkeys")
