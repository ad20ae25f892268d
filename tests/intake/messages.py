"""What the other services tell intake of a case."""

from datetime import timedelta
from uuid import UUID, uuid4

from shared.contracts import (
    OfferMade,
    PlanOpened,
    ProvisionCorrected,
    ProvisionRecorded,
    QuestionAnswered,
    QuestionsAsked,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    Regime,
    Sex,
    VerificationOutcome,
)
from tests.intake.builders import NOON


def opened(case_id: UUID, minutes: int = 1) -> VerificationOpened:
    return VerificationOpened(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=case_id,
        verification_id=uuid4(),
        verifier_id=uuid4(),
        regime=Regime.LAW_2024,
    )


def concluded(
    case_id: UUID, outcome: VerificationOutcome = VerificationOutcome.IDENTIFIED
) -> VerificationConcluded:
    return VerificationConcluded(
        occurred_at=NOON + timedelta(minutes=2),
        case_id=case_id,
        verification_id=uuid4(),
        outcome=outcome,
        regime=Regime.LAW_2024,
        opened_at=NOON,
    )


def planned(case_id: UUID, *asked: OfferMade) -> PlanOpened:
    return PlanOpened(
        occurred_at=NOON + timedelta(minutes=3),
        case_id=case_id,
        plan_id=uuid4(),
        regime=Regime.LAW_2024,
        entitled=(EntitlementCode.VOCATIONAL,),
        referrals=1,
        asked=asked,
    )


def requested(
    case_id: UUID, referral_id: UUID, organisation_id: UUID | None = None, minutes: int = 4
) -> ReferralRequested:
    return ReferralRequested(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=case_id,
        referral_id=referral_id,
        offer_id=uuid4(),
        programme_id=uuid4(),
        organisation_id=organisation_id or uuid4(),
        organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
        code=EntitlementCode.VOCATIONAL,
        area_code="11560",
        age_band=AgeBand.ADULT,
        sex=Sex.FEMALE,
    )


def moved(
    asked: ReferralRequested,
    status: ReferralStatus,
    minutes: int = 5,
    reason: ReasonCode | None = None,
) -> ReferralMoved:
    return ReferralMoved(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=asked.case_id,
        referral_id=asked.referral_id,
        move_id=uuid4(),
        offer_id=asked.offer_id,
        organisation_id=asked.organisation_id,
        organisation_kind=asked.organisation_kind,
        code=asked.code,
        status=status,
        reason=reason,
        version=2,
    )


def questioned(asked: ReferralRequested, minutes: int = 6) -> QuestionsAsked:
    """Two things at once."""
    return QuestionsAsked(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=asked.case_id,
        referral_id=asked.referral_id,
        question_ids=(uuid4(), uuid4()),
        code=asked.code,
    )


def replied(asked: ReferralRequested, question_id: UUID, minutes: int = 7) -> QuestionAnswered:
    return QuestionAnswered(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=asked.case_id,
        referral_id=asked.referral_id,
        offer_id=asked.offer_id,
        organisation_id=asked.organisation_id,
        question_id=question_id,
        code=asked.code,
    )


def confirmed(asked: ReferralRequested, minutes: int = 6) -> ReferralConfirmed:
    return ReferralConfirmed(
        occurred_at=NOON + timedelta(minutes=minutes),
        case_id=asked.case_id,
        referral_id=asked.referral_id,
        move_id=uuid4(),
        code=asked.code,
    )


def provided(case_id: UUID, provision_id: UUID, organisation_id: UUID) -> ProvisionRecorded:
    return ProvisionRecorded(
        occurred_at=NOON + timedelta(minutes=4),
        case_id=case_id,
        provision_id=provision_id,
        code=EntitlementCode.PSYCHOLOGICAL,
        organisation_id=organisation_id,
    )


def voided(told: ProvisionRecorded) -> ProvisionCorrected:
    return ProvisionCorrected(
        occurred_at=told.occurred_at + timedelta(minutes=1),
        case_id=told.case_id,
        provision_id=told.provision_id,
        code=told.code,
    )
