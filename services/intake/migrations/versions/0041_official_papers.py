"""A file may be opened to make an official paper with the name on it."""

from shared.kit.migrations import allow

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = (
    "care",
    "check_of_papers",
    "complaint",
    "contact",
    "escort",
    "immediate_needs",
    "interview",
    "other_body_asked",
    "reception",
    "return_home",
    "support_planning",
    "threat",
)


def upgrade() -> None:
    allow("file_disclosures", "reason", [*BEFORE, "official_paper"])


def downgrade() -> None:
    allow("file_disclosures", "reason", BEFORE)
