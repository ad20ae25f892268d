"""Asking an authority to verify: which one, and until when it has."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from services.verification.models import Verification
from services.verification.policy import VerifierRole, choose_verifier, last_day, period_of
from shared.contracts.vocabulary import Regime, Route


def authority_for(
    verification: Verification,
    roles: Collection[VerifierRole],
    today: date,
) -> UUID | None:
    """The organisation to ask, as the policy chooses; ``None`` when there is none today."""
    return choose_verifier(
        roles,
        route=Route(verification.route),
        receiver_id=verification.receiver_id,
        area_code=verification.area_code,
        on=today,
    )


def ask(verification: Verification, verifier_id: UUID, today: date) -> None:
    """Give it to an authority; a change of authority does not start the period again."""
    verification.verifier_id = verifier_id
    verification.look_again_at = None
    if verification.requested_on is None:
        verification.requested_on = today
        set_due(verification)


def set_due(verification: Verification) -> None:
    """The last day of the period that now applies; unset where the law's amount is unset."""
    if verification.requested_on is not None:
        period = period_of(Regime(verification.regime), is_extended=verification.is_extended)
        verification.due_on = last_day(verification.requested_on, period)
