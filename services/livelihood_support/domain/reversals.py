"""A verification that does not identify the person, when there is a plan already.

Of a presumed victim: what the law granted meanwhile ends, and it ends on notice, by the case owner
with the person, never by a message. Of an identified person: no rule was found that takes an
identification back, and the service that verifies allows no such move; it comes about where a
restored database decides again. Nothing that was given is taken back or deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.closing import settle_of_cases
from services.livelihood_support.models import SETTLED_REFERRALS, Alert, AlertKind, Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import EntitlementCode, Regime, VerificationOutcome
from shared.kit.arrays import among
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows

OTHERWISE = (AlertKind.PRESUMPTION_ENDED, AlertKind.NO_LONGER_IDENTIFIED)
"""Of somebody who was presumed to be a victim, and of somebody who was identified before."""


@dataclass(frozen=True)
class KnownPlan:
    """The plan that a case has; ``is_presumed`` while the person was never identified."""

    id: UUID
    is_presumed: bool


@dataclass(frozen=True)
class Conclusion:
    """How the verification of a case ended, and the law it runs under."""

    case_id: UUID
    outcome: VerificationOutcome
    regime: Regime
    concluded_at: datetime
    identified_on: date | None = None
    """Unset where nobody was identified, or a former release told of it."""


def note_reversals(
    session: Session,
    conclusions: Sequence[Conclusion],
    plans: Mapping[UUID, KnownPlan],
    *,
    now: datetime,
) -> None:
    """Name each referral that runs by a plan whose person is not identified, or not any more.

    ``plans`` are those of the cases, which are locked. Identified again, the alerts are over.
    """
    identified = [
        each.case_id for each in conclusions if each.outcome is VerificationOutcome.IDENTIFIED
    ]
    if identified:
        _settle(session, identified, now)
    others = {each.case_id: each for each in conclusions if each.case_id not in identified}
    if others:
        settle_of_cases(session, others, now=now)
        _warn(session, others, plans, now)


def _settle(session: Session, case_ids: Collection[UUID], now: datetime) -> None:
    session.execute(
        update(Alert)
        .where(
            among(Alert.case_id, case_ids),
            among(Alert.kind, OTHERWISE),
            Alert.settled_at.is_(None),
        )
        .values(settled_at=now)
        .execution_options(synchronize_session=False)
    )


def _warn(
    session: Session,
    conclusions: Mapping[UUID, Conclusion],
    plans: Mapping[UUID, KnownPlan],
    now: datetime,
) -> None:
    running = session.execute(
        select(Referral.id, Referral.case_id, Referral.code).where(
            among(Referral.case_id, conclusions), Referral.status.not_in(SETTLED_REFERRALS)
        )
    )
    rows = [
        alert_row(
            kind=OTHERWISE[0] if plans[row.case_id].is_presumed else OTHERWISE[1],
            case_id=row.case_id,
            code=EntitlementCode(row.code),
            now=now,
            referral_id=row.id,
            facts={
                "plan_id": str(plans[row.case_id].id),
                "outcome": conclusions[row.case_id].outcome,
                "can": [Move.CANCEL],
            },
        )
        for row in running
    ]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)
