"""An alert: who is asked may not fit the age of the person any more."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = (
    "'consent_withdrawn', 'delivery_parked', 'needs_information', 'no_endpoint', 'no_programme',"
    " 'offer_undelivered', 'purge_unconfirmed', 'purge_undelivered'"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_alerts_kind"), "alerts")
    op.create_check_constraint(
        op.f("ck_alerts_kind"), "alerts", f"kind IN ('age_outside', {BEFORE})"
    )


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'age_outside'")
    op.drop_constraint(op.f("ck_alerts_kind"), "alerts")
    op.create_check_constraint(op.f("ck_alerts_kind"), "alerts", f"kind IN ({BEFORE})")
