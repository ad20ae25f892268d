"""The entries of one thing are found newest first, a page of them without the others."""

from alembic import op


def upgrade() -> None:
    op.create_index("ix_audit_entries_object", "audit_entries", ["object_id", "id"])
    op.drop_index("ix_audit_entries_object_id", table_name="audit_entries")


def downgrade() -> None:
    op.create_index("ix_audit_entries_object_id", "audit_entries", ["object_id"])
    op.drop_index("ix_audit_entries_object", table_name="audit_entries")
