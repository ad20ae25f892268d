"""What each facility says it has ready, from which day on, and who attested it."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

SHEETS, ATTESTATIONS = "readiness_sheets", "readiness_attestations"
EQUIPMENT = (
    "'arrival_kits', 'childrens_room', 'counselling_room', 'kitchen', 'medical_room',"
    " 'separate_rooms', 'transport', 'washroom'"
)


def upgrade() -> None:
    op.create_table(
        SHEETS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("interpreters", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("equipment", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rooms >= 0 AND places >= 0 AND staff >= 0", name=op.f("ck_readiness_sheets_counted")
        ),
        sa.CheckConstraint(
            f"equipment <@ ARRAY[{EQUIPMENT}]::varchar[]",
            name=op.f("ck_readiness_sheets_equipment"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_readiness_sheets"),
    )
    op.create_index(
        "ix_readiness_sheets_facility", SHEETS, ["facility_id", "valid_from", "written_at"]
    )
    op.create_table(
        ATTESTATIONS,
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("attested_by", sa.String(200), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["readiness_sheets.id"],
            name="fk_readiness_attestations_sheet_id_readiness_sheets",
        ),
        sa.PrimaryKeyConstraint("sheet_id", name="pk_readiness_attestations"),
    )


def downgrade() -> None:
    op.drop_table(ATTESTATIONS)
    op.drop_table(SHEETS)
