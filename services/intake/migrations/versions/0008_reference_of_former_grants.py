"""The reference of referrals that were told of before references were kept.

Whoever had accepted by then reads the referral under the id of its offer now, and asks for the
disclosure by it. The journey has kept that id for the step in which the organisation was asked.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE partner_grants AS held SET offer_id = asked.offer_id
          FROM (SELECT DISTINCT ON (referral_id)
                       referral_id, organisation_id, source_id AS offer_id
                  FROM journey_steps WHERE kind = 'referral_requested'
                 ORDER BY referral_id, at DESC, id DESC) AS asked
         WHERE held.offer_id IS NULL
           AND (held.referral_id, held.organisation_id)
               = (asked.referral_id, asked.organisation_id)
        """
    )


def downgrade() -> None:
    """What is known now was known then, in another place."""
