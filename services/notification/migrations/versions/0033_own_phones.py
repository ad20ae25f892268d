"""SMS to people: by which way each is told, what could not be told by which, and their texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit.migrations import allow

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATES = ("expired", "nothing", "parked", "pending", "sending", "sent")
KINDS = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.handed_over.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.endpoint.test.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.question_answered.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
PERSONAL = ("vn.nhipcau.person.confirmation.v1", "vn.nhipcau.person.urgent.v1")
CHANNEL = op.f("ck_personal_mails_channel")


def upgrade() -> None:
    op.add_column(
        "personal_mails",
        sa.Column(
            "channel", sa.String(length=40), server_default=sa.text("'email'"), nullable=False
        ),
    )
    op.create_check_constraint(CHANNEL, "personal_mails", "channel IN ('email', 'sms')")
    op.add_column("personal_mails", sa.Column("number_id", sa.Uuid(), nullable=True))
    op.add_column(
        "personal_mail_items",
        sa.Column(
            "refused_by",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    allow("personal_mails", "state", [*STATES, "unknown", "unusable"])
    allow("templates", "kind", [*KINDS, *PERSONAL])


def downgrade() -> None:
    allow("templates", "kind", KINDS)
    allow("personal_mails", "state", STATES)
    op.drop_column("personal_mail_items", "refused_by")
    op.drop_column("personal_mails", "number_id")
    op.drop_constraint(CHANNEL, "personal_mails")
    op.drop_column("personal_mails", "channel")
