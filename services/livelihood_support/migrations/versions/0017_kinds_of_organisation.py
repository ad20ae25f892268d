"""Two kinds of organisation more: mass organisations and teams of volunteers."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HELD_IN = (
    ("organisations", "kind"),
    ("programmes", "organisation_kind"),
    ("case_files", "receiver_kind"),
    ("consents", "organisation_kind"),
    ("offers", "organisation_kind"),
)
BEFORE = (
    "'border_guard', 'coast_guard', 'commune_committee', 'employment_centre', "
    "'health_authority', 'hospital', 'hotline', 'legal_aid_centre', 'mission', "
    "'operations', 'peer_group', 'police', 'policy_bank', 'social_affairs', "
    "'support_facility', 'vocational_school', 'womens_union'"
)
NOW = (
    "'border_guard', 'coast_guard', 'commune_committee', 'employment_centre', "
    "'health_authority', 'hospital', 'hotline', 'legal_aid_centre', "
    "'mass_organisation', 'mission', 'operations', 'peer_group', 'police', "
    "'policy_bank', 'social_affairs', 'support_facility', 'vocational_school', "
    "'volunteer_team', 'womens_union'"
)


def upgrade() -> None:
    _allow(NOW)


def downgrade() -> None:
    _allow(BEFORE)


def _allow(kinds: str) -> None:
    for table, column in HELD_IN:
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({kinds})")
