"""What notices say is kept in versions, and a delivery names the one that it was sent with."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = (
    "vn.nhipcau.alert.raised.v1",
    "vn.nhipcau.case.handed_over.v1",
    "vn.nhipcau.case.received.v1",
    "vn.nhipcau.endpoint.test.v1",
    "vn.nhipcau.plan.opened.v1",
    "vn.nhipcau.plan.revised.v1",
    "vn.nhipcau.referral.moved.v1",
    "vn.nhipcau.referral.purge.v1",
    "vn.nhipcau.referral.requested.v1",
    "vn.nhipcau.verification.concluded.v1",
    "vn.nhipcau.verification.opened.v1",
)
CHANNELS = ("email", "sms", "webhook")
STATES = ("discarded", "draft", "published")
REASONS = (
    "back_to_earlier",
    "clearer",
    "law_changed",
    "mistake",
    "partner_asked",
    "procedure_changed",
)
KEY = ["kind", "channel", "organisation_id"]


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{each}'" for each in values)


def upgrade() -> None:
    op.create_table(
        "templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("is_fallback", sa.Boolean(), nullable=False),
        sa.Column("subject_vi", sa.String(length=200), nullable=True),
        sa.Column("wording_vi", sa.String(length=5000), nullable=True),
        sa.Column("subject_en", sa.String(length=200), nullable=True),
        sa.Column("wording_en", sa.String(length=5000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_by", sa.String(length=200), nullable=True),
        *(
            sa.CheckConstraint(
                f"{column} IN ({_listed(values)})",
                name=op.f(f"ck_templates_{column}"),
            )
            for column, values in (
                ("kind", KINDS),
                ("channel", CHANNELS),
                ("state", STATES),
                ("reason", REASONS),
            )
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_templates_number")),
        sa.CheckConstraint(
            "(concluded_at IS NULL) = (state = 'draft')", name=op.f("ck_templates_concluded")
        ),
        sa.CheckConstraint(
            "is_fallback = (wording_vi IS NULL) AND is_fallback = (wording_en IS NULL)",
            name=op.f("ck_templates_wording"),
        ),
        sa.CheckConstraint(
            "state <> 'published' OR concluded_by <> made_by",
            name=op.f("ck_templates_two_people"),
        ),
        sa.CheckConstraint(
            "(concluded_by IS NULL) = (concluded_at IS NULL)",
            name=op.f("ck_templates_concluded_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
    )
    op.create_index(
        "uq_templates_number",
        "templates",
        [*KEY, "number"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_templates_draft",
        "templates",
        KEY,
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.add_column("deliveries", sa.Column("template_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("template_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "template_version")
    op.drop_column("deliveries", "template_id")
    op.drop_table("templates")
