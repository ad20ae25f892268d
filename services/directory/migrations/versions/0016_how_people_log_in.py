"""How people log in, and where they are logged in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_in_failures",
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_log_in_failures")),
    )
    op.create_index(
        op.f("ix_log_in_failures_last_at"), "log_in_failures", ["last_at"], unique=False
    )
    op.create_table(
        "staff_credentials",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=True),
        sa.Column(
            "is_authenticator_confirmed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
        sa.Column("authenticator_step", sa.Integer(), nullable=True),
        sa.Column("link_digest", sa.LargeBinary(), nullable=True),
        sa.Column("link_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("link_purpose", sa.String(length=20), nullable=True),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "link_purpose IN ('everything', 'password')",
            name=op.f("ck_staff_credentials_link_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_credentials_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_credentials")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_staff_credentials_link_digest")),
    )
    op.create_table(
        "staff_devices",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_devices_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_staff_devices")),
    )
    op.create_index(op.f("ix_staff_devices_staff_id"), "staff_devices", ["staff_id"], unique=False)
    op.create_index(op.f("ix_staff_devices_used_at"), "staff_devices", ["used_at"], unique=False)
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_recovery_codes_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", "code_digest", name=op.f("pk_staff_recovery_codes")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("means", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("device", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "device IN ('computer', 'phone', 'tablet', 'unknown')",
            name=op.f("ck_staff_sessions_device"),
        ),
        sa.CheckConstraint(
            "end_reason IN ('deactivated', 'logged_out', 'reset', 'revoked')",
            name=op.f("ck_staff_sessions_end_reason"),
        ),
        sa.CheckConstraint(
            "means <@ ARRAY['fed', 'hwk', 'otp', 'pop', 'pwd', 'rc']::varchar[]",
            name=op.f("ck_staff_sessions_means"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_sessions_token_digest")),
    )
    op.create_index(
        op.f("ix_staff_sessions_begun_at"), "staff_sessions", ["begun_at"], unique=False
    )
    op.create_index(
        op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_sessions_staff_id"), table_name="staff_sessions")
    op.drop_index(op.f("ix_staff_sessions_begun_at"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_table("staff_recovery_codes")
    op.drop_index(op.f("ix_staff_devices_used_at"), table_name="staff_devices")
    op.drop_index(op.f("ix_staff_devices_staff_id"), table_name="staff_devices")
    op.drop_table("staff_devices")
    op.drop_table("staff_credentials")
    op.drop_index(op.f("ix_log_in_failures_last_at"), table_name="log_in_failures")
    op.drop_table("log_in_failures")
