"""How the plan of a case stands to its verification, and by which law it is answered."""

from sqlalchemy import SQLColumnExpression, and_, case, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.models import CaseFile, Plan
from services.livelihood_support.policy import Track, track_of
from shared.contracts.vocabulary import Regime, VerificationOutcome
from shared.kit.clock import local_date
from shared.law.regimes import regime_at

IS_IDENTIFIED = CaseFile.verification_outcome == VerificationOutcome.IDENTIFIED
IS_SUPPORTED = or_(IS_IDENTIFIED, CaseFile.verification_outcome.is_(None))
"""Cases whose persons are identified, or may still be."""
_LAW_FOUND = and_(Plan.is_provisional, IS_IDENTIFIED)
REGIME: SQLColumnExpression[str] = case(
    (_LAW_FOUND, CaseFile.verification_regime), else_=Plan.regime
)
"""As ``regime_of`` has it, for a plan that is joined with its case."""


def read_track(session: Session, plan: Plan) -> Track:
    """How a plan stands now."""
    outcome, _ = _found(session, plan)
    return track_of(outcome, is_provisional=plan.is_provisional)


def regime_of(session: Session, plan: Plan) -> Regime:
    """The law a plan is answered by now: a provisional one may be found to be under the older."""
    outcome, told = _found(session, plan)
    is_found = plan.is_provisional and outcome == VerificationOutcome.IDENTIFIED
    return Regime(told if is_found and told else plan.regime)


def law_of(case_file: CaseFile) -> Regime:
    """The law of a case: that of the verification, and before it that of the day of reception."""
    told = case_file.verification_regime
    return Regime(told) if told else regime_at(local_date(case_file.received_at))


def _found(session: Session, plan: Plan) -> tuple[str | None, str | None]:
    """How the verification ended last, and under which law; as the tables say now."""
    asked = select(CaseFile.verification_outcome, CaseFile.verification_regime)
    outcome, regime = session.execute(asked.where(CaseFile.case_id == plan.case_id)).one()
    return outcome, regime
