"""Refused envelopes are forgotten by the day they came."""

from alembic import op


def upgrade() -> None:
    op.create_index(
        op.f("ix_refused_envelopes_first_at"), "refused_envelopes", ["first_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_refused_envelopes_first_at"), table_name="refused_envelopes")
