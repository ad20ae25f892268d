"""Where people want to be written to, and which offices want their weekly page."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_settings",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox_id", sa.Uuid(), nullable=True),
        sa.Column("mailbox_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=20), nullable=False),
        sa.Column("digest_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("is_on_call", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "digest IN ('day', 'hour', 'none', 'week')", name=op.f("ck_staff_settings_digest")
        ),
        sa.CheckConstraint("language IN ('en', 'vi')", name=op.f("ck_staff_settings_language")),
        sa.CheckConstraint(
            "(mailbox IS NULL) = (mailbox_id IS NULL) AND (mailbox IS NULL) = (mailbox_at IS NULL)"
            " AND (mailbox IS NOT NULL OR confirmed_at IS NULL)",
            name=op.f("ck_staff_settings_mailbox"),
        ),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL) AND quiet_from <> quiet_to"
            " AND quiet_from BETWEEN 0 AND 1439 AND quiet_to BETWEEN 0 AND 1439",
            name=op.f("ck_staff_settings_quiet"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_settings_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_settings")),
    )
    op.add_column(
        "organisations", sa.Column("weekly_page_since", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("organisations", "weekly_page_since")
    op.drop_table("staff_settings")
