"""What each message comes to: steps of a journey, and what is kept of who acts."""

from collections.abc import Sequence
from uuid import UUID

from services.intake import domain
from services.intake.policy import STATUS_AFTER, CaseStatus, StepKind
from shared.contracts import (
    ComplaintAnswered,
    ComplaintReceived,
    OfferMade,
    OfficerChanged,
    OrganisationChanged,
    PlanOpened,
    PlanOpenedV1,
    PlanRevised,
    ProtectionMoved,
    ProvisionCorrected,
    ProvisionRecorded,
    QuestionAnswered,
    QuestionsAsked,
    ReferralClockBreached,
    ReferralClockWarned,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
    StayMoved,
    VerificationClockBreached,
    VerificationClockWarned,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import ReferralStatus

ClockTold = (
    ReferralClockWarned
    | ReferralClockBreached
    | VerificationClockWarned
    | VerificationClockBreached
)
"""What a service tells of a period that it keeps."""


def organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    """What is kept of an organisation."""
    return domain.OrganisationFacts(told.organisation_id, told.code, told.roles, told.is_active)


def officer(told: OfficerChanged) -> domain.OfficerFacts:
    """What is kept of an officer."""
    return domain.OfficerFacts(
        told.officer_id, told.organisation_id, told.roles, told.is_active, told.occurred_at
    )


def opened(told: VerificationOpened) -> domain.StepFacts:
    """Verification has begun."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.VERIFICATION_OPENED,
        source_id=told.verification_id,
        status=CaseStatus.IN_VERIFICATION,
        organisation_id=told.verifier_id,
    )


def statuses(steps: Sequence[domain.StepFacts]) -> dict[UUID, CaseStatus | None]:
    """What verification tells of each case by these steps."""
    return {step.case_id: CaseStatus(step.status) for step in steps if step.status}


def concluded(told: VerificationConcluded) -> domain.StepFacts:
    """Verification has ended."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.VERIFICATION_CONCLUDED,
        source_id=told.verification_id,
        status=STATUS_AFTER[told.outcome],
        outcome=told.outcome,
        organisation_id=told.verifier_id,
    )


def of_complaint(told: ComplaintReceived | ComplaintAnswered, kind: StepKind) -> domain.StepFacts:
    """A decision is complained of, or the complaint was answered."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.move_id,
        organisation_id=told.verifier_id,
    )


def planned(told: PlanOpenedV1 | PlanOpened) -> domain.StepFacts:
    """A plan was opened."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PLAN_OPENED,
        source_id=told.plan_id,
        status=CaseStatus.IN_SUPPORT,
    )


def revised(told: PlanRevised) -> domain.StepFacts:
    """A plan was revised."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PLAN_REVISED,
        source_id=told.revision_id,
    )


def requested(told: PlanOpened | ReferralRequested, asked: OfferMade) -> domain.StepFacts:
    """An organisation is asked."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.REFERRAL_REQUESTED,
        source_id=asked.offer_id,
        status=ReferralStatus.REQUESTED,
        code=asked.code,
        referral_id=asked.referral_id,
        organisation_id=asked.organisation_id,
    )


def grant(told: PlanOpened | ReferralRequested, asked: OfferMade) -> domain.GrantFacts:
    """What an organisation that is asked may learn."""
    return domain.GrantFacts(
        referral_id=asked.referral_id,
        offer_id=asked.offer_id,
        case_id=told.case_id,
        organisation_id=asked.organisation_id,
        organisation_kind=asked.organisation_kind,
        status=ReferralStatus.REQUESTED,
        accepted_at=None,
    )


def moved(told: ReferralMoved) -> domain.StepFacts:
    """A referral went on."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.REFERRAL_MOVED,
        source_id=told.move_id,
        status=told.status,
        reason=told.reason,
        outcome=told.outcome,
        code=told.code,
        referral_id=told.referral_id,
        organisation_id=told.organisation_id,
    )


def held(told: ReferralMoved) -> domain.GrantFacts:
    """Who holds a referral now."""
    is_accepted = told.status is ReferralStatus.ACCEPTED
    return domain.GrantFacts(
        referral_id=told.referral_id,
        offer_id=told.offer_id,
        case_id=told.case_id,
        organisation_id=told.organisation_id,
        organisation_kind=told.organisation_kind,
        status=told.status,
        accepted_at=told.occurred_at if is_accepted else None,
    )


def confirmed(told: ReferralConfirmed) -> domain.StepFacts:
    """Support has reached the person."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.REFERRAL_CONFIRMED,
        source_id=told.move_id,
        code=told.code,
        referral_id=told.referral_id,
    )


def given(
    told: ProvisionRecorded | ProvisionCorrected, kind: StepKind, organisation_id: UUID | None
) -> domain.StepFacts:
    """Something was given by hand, or recorded wrongly."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.provision_id,
        code=told.code,
        organisation_id=organisation_id,
    )


def about_question(
    told: QuestionsAsked | QuestionAnswered, kind: StepKind, question_id: UUID
) -> domain.StepFacts:
    """A question is asked, or replied to."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=question_id,
        code=told.code,
        referral_id=told.referral_id,
    )


def protected(told: ProtectionMoved) -> domain.StepFacts:
    """Protection was asked for, decided or ended."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PROTECTION_MOVED,
        source_id=told.move_id,
        status=told.status,
        organisation_id=told.protector_id,
    )


def stayed(told: StayMoved) -> domain.StepFacts:
    """Somebody is expected in a facility, has come, or has left."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.STAY_MOVED,
        source_id=told.move_id,
        status=told.status,
        organisation_id=told.facility_id,
    )


def of_clock(told: ClockTold, kind: StepKind) -> domain.StepFacts:
    """A period ends soon, or is over."""
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.clock_id,
        status=told.level,
        reason=told.key,
        organisation_id=told.organisation_id,
    )
