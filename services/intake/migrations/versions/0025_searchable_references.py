"""A case is found by the reference of whoever submitted it."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CHECK = op.f("ck_person_indexes_field")


def upgrade() -> None:
    op.drop_constraint(CHECK, "person_indexes")
    op.create_check_constraint(
        CHECK, "person_indexes", "field IN ('identity_number', 'phone', 'sender_reference')"
    )


def downgrade() -> None:
    op.drop_constraint(CHECK, "person_indexes")
    op.execute("DELETE FROM person_indexes WHERE field = 'sender_reference'")
    op.create_check_constraint(CHECK, "person_indexes", "field IN ('identity_number', 'phone')")
