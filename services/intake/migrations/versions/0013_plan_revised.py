"""A step of the journey: the plan is another now."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = (
    "'plan_opened',{} 'received', 'referral_moved', 'referral_requested',"
    " 'verification_concluded', 'verification_opened'"
)


def upgrade() -> None:
    _kinds(KINDS.format(" 'plan_revised',"))


def downgrade() -> None:
    _kinds(KINDS.format(""))


def _kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_journey_steps_kind"), "journey_steps")
    op.create_check_constraint(op.f("ck_journey_steps_kind"), "journey_steps", f"kind IN ({kinds})")
