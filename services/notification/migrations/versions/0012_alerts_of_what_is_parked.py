"""What is parked already is an alert, too: from this release on each is one when it is parked."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO operator_alerts (id, kind, subject, object_id, facts, times, raised_at, last_at,
                                     rests_until)
        SELECT gen_random_uuid(), 'delivery_parked', 'delivery', id,
               jsonb_build_object('type', type, 'case_id', case_id,
                                  'organisation_id', organisation_id),
               1, concluded_at, concluded_at, now()
          FROM deliveries WHERE state = 'parked'
            ON CONFLICT (kind, subject, object_id) DO NOTHING
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM operator_alerts WHERE kind IN ('delivery_parked', 'no_endpoint')")
