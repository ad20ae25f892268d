"""Message in, use case called: what intake learns of its cases from the other services."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.policy import STATUS_AFTER, CaseStatus, StepKind
from shared.contracts import (
    ComplaintAnswered,
    ComplaintReceived,
    Message,
    OfferMade,
    OfficerChanged,
    OrganisationChanged,
    PersonMessageConcluded,
    PlanOpened,
    PlanOpenedV1,
    PlanRevised,
    ProtectionMoved,
    ProvisionalPlanOpened,
    ProvisionCorrected,
    ProvisionRecorded,
    QuestionAnswered,
    QuestionsAsked,
    Queue,
    ReferralClockBreached,
    ReferralClockWarned,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
    VerificationClockBreached,
    VerificationClockWarned,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import ReferralStatus
from shared.messaging.consumer import Consumer

consumer = Consumer(Queue.INTAKE)


MOVING = VerificationOpened | VerificationConcluded | PlanOpenedV1 | PlanOpened
"""What may change the status of a case."""
ClockTold = (
    ReferralClockWarned
    | ReferralClockBreached
    | VerificationClockWarned
    | VerificationClockBreached
)
"""What a service tells of a period that it keeps."""


@consumer.lock_first
def lock_frame(session: Session, messages: Sequence[Message]) -> None:
    """Lock the cases whose status these messages may change, whatever their types, by id."""
    moved = {told.case_id for told in messages if isinstance(told, MOVING)}
    if moved:
        domain.lock_cases(session, moved)


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    _now: datetime,
) -> None:
    """Keep who owns cases where, and who may be assigned one."""
    facts = [_organisation(told) for told in messages]
    domain.note_organisations(session, organisations=facts)


def _organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    return domain.OrganisationFacts(told.organisation_id, told.code, told.roles, told.is_active)


@consumer.on_many(OfficerChanged)
def note_officers(
    session: Session,
    messages: Sequence[OfficerChanged],
    _now: datetime,
) -> None:
    """Keep who acts in cases, and may be named in one, and until when."""
    domain.note_officers(session, officers=[_officer(told) for told in messages])


def _officer(told: OfficerChanged) -> domain.OfficerFacts:
    return domain.OfficerFacts(
        told.officer_id, told.organisation_id, told.roles, told.is_active, told.occurred_at
    )


@consumer.on_many(VerificationOpened)
def note_verifications(
    session: Session,
    messages: Sequence[VerificationOpened],
    _now: datetime,
) -> None:
    """Show that verification has begun, and with whom."""
    steps = [_opened(told) for told in messages]
    domain.note_steps(session, steps)
    domain.advance_cases(session, _statuses(steps))


def _opened(told: VerificationOpened) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.VERIFICATION_OPENED,
        source_id=told.verification_id,
        status=CaseStatus.IN_VERIFICATION,
        organisation_id=told.verifier_id,
    )


def _statuses(steps: Sequence[domain.StepFacts]) -> dict[UUID, CaseStatus | None]:
    """What verification tells of each case by these steps."""
    return {step.case_id: CaseStatus(step.status) for step in steps if step.status}


@consumer.on_many(VerificationConcluded)
def note_conclusions(
    session: Session,
    messages: Sequence[VerificationConcluded],
    _now: datetime,
) -> None:
    """Show how verification ended."""
    steps = [_concluded(told) for told in messages]
    domain.note_steps(session, steps)
    domain.advance_cases(session, _statuses(steps))


def _concluded(told: VerificationConcluded) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.VERIFICATION_CONCLUDED,
        source_id=told.verification_id,
        status=STATUS_AFTER[told.outcome],
        outcome=told.outcome,
        organisation_id=told.verifier_id,
    )


@consumer.on_many(ComplaintReceived)
def note_complaints(
    session: Session, messages: Sequence[ComplaintReceived], _now: datetime
) -> None:
    """Show that the decision is complained of, and who answers."""
    domain.note_steps(session, [_of_complaint(it, StepKind.COMPLAINT_RECEIVED) for it in messages])


@consumer.on_many(ComplaintAnswered)
def note_answers(session: Session, messages: Sequence[ComplaintAnswered], _now: datetime) -> None:
    """Show that the complaint was answered, and the decision stands."""
    domain.note_steps(session, [_of_complaint(it, StepKind.COMPLAINT_ANSWERED) for it in messages])


def _of_complaint(told: ComplaintReceived | ComplaintAnswered, kind: StepKind) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.move_id,
        organisation_id=told.verifier_id,
    )


@consumer.on_many(PlanOpenedV1)
def note_bare_plans(session: Session, messages: Sequence[PlanOpenedV1], _now: datetime) -> None:
    """Show that there is a plan; whom it asks is told by itself."""
    domain.note_steps(session, [_planned(told) for told in messages])
    domain.advance_cases(session, {told.case_id: None for told in messages})


@consumer.on_many(PlanOpened)
def note_plans(session: Session, messages: Sequence[PlanOpened], _now: datetime) -> None:
    """Show that there is a plan and who was asked, and remember whom the referrals are with."""
    asked = [(told, each) for told in messages for each in told.asked]
    steps = [_planned(told) for told in messages]
    domain.note_steps(session, steps + [_requested(told, each) for told, each in asked])
    domain.note_grants(session, [_grant(told, each) for told, each in asked])
    domain.advance_cases(session, {told.case_id: None for told in messages})


def _planned(told: PlanOpenedV1 | PlanOpened) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PLAN_OPENED,
        source_id=told.plan_id,
        status=CaseStatus.IN_SUPPORT,
    )


@consumer.on_many(PlanRevised)
def note_revisions(session: Session, messages: Sequence[PlanRevised], _now: datetime) -> None:
    """Show that the plan is another now; the case stands where it stood."""
    steps = [_revised(told) for told in messages]
    domain.note_steps(session, steps)


def _revised(told: PlanRevised) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PLAN_REVISED,
        source_id=told.revision_id,
    )


@consumer.on_many(ReferralRequested)
def note_requests(
    session: Session,
    messages: Sequence[ReferralRequested],
    _now: datetime,
) -> None:
    """Show who was asked, and remember whom the referral is with."""
    steps = [_requested(told, told) for told in messages]
    domain.note_steps(session, steps)
    domain.note_grants(session, [_grant(told, told) for told in messages])


def _requested(told: PlanOpened | ReferralRequested, asked: OfferMade) -> domain.StepFacts:
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


def _grant(told: PlanOpened | ReferralRequested, asked: OfferMade) -> domain.GrantFacts:
    return domain.GrantFacts(
        referral_id=asked.referral_id,
        offer_id=asked.offer_id,
        case_id=told.case_id,
        organisation_id=asked.organisation_id,
        organisation_kind=asked.organisation_kind,
        status=ReferralStatus.REQUESTED,
        accepted_at=None,
    )


@consumer.on_many(ReferralMoved)
def note_moves(session: Session, messages: Sequence[ReferralMoved], _now: datetime) -> None:
    """Show each step of a referral, and remember who may learn of the person."""
    steps = [_moved(told) for told in messages]
    domain.note_steps(session, steps)
    domain.note_grants(session, [_held(told) for told in messages])


def _moved(told: ReferralMoved) -> domain.StepFacts:
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


def _held(told: ReferralMoved) -> domain.GrantFacts:
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


@consumer.on_many(ReferralConfirmed)
def note_confirmations(
    session: Session, messages: Sequence[ReferralConfirmed], _now: datetime
) -> None:
    """Show that the support has reached the person."""
    domain.note_steps(session, [_confirmed(told) for told in messages])


def _confirmed(told: ReferralConfirmed) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.REFERRAL_CONFIRMED,
        source_id=told.move_id,
        code=told.code,
        referral_id=told.referral_id,
    )


@consumer.on_many(ProvisionalPlanOpened)
def note_provisional_plans(
    session: Session, messages: Sequence[ProvisionalPlanOpened], _now: datetime
) -> None:
    """Show that the person is supported while the verification runs."""
    steps = [
        domain.StepFacts(
            case_id=told.case_id,
            at=told.occurred_at,
            kind=StepKind.PROVISIONAL_PLAN_OPENED,
            source_id=told.plan_id,
        )
        for told in messages
    ]
    domain.note_steps(session, steps)


@consumer.on_many(ProvisionRecorded)
def note_provisions(
    session: Session, messages: Sequence[ProvisionRecorded], _now: datetime
) -> None:
    """Show that something was given to the person directly, and who gave it."""
    recorded = StepKind.PROVISION_RECORDED
    steps = [_given(told, recorded, told.organisation_id) for told in messages]
    domain.note_steps(session, steps)


@consumer.on_many(ProvisionCorrected)
def note_provision_corrections(
    session: Session, messages: Sequence[ProvisionCorrected], _now: datetime
) -> None:
    """Show that a record of that was wrong."""
    corrected = StepKind.PROVISION_CORRECTED
    domain.note_steps(session, [_given(told, corrected, None) for told in messages])


def _given(
    told: ProvisionRecorded | ProvisionCorrected, kind: StepKind, organisation_id: UUID | None
) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.provision_id,
        code=told.code,
        organisation_id=organisation_id,
    )


@consumer.on_many(QuestionsAsked)
def note_questions(session: Session, messages: Sequence[QuestionsAsked], _now: datetime) -> None:
    """Show that an organisation asks before it answers, and that it is the case owner's turn."""
    steps = [
        _about_question(told, StepKind.QUESTION_ASKED, each)
        for told in messages
        for each in told.question_ids
    ]
    domain.note_steps(session, steps)


@consumer.on_many(QuestionAnswered)
def note_replies(session: Session, messages: Sequence[QuestionAnswered], _now: datetime) -> None:
    """Show that it was replied to."""
    replied = StepKind.QUESTION_ANSWERED
    domain.note_steps(
        session, [_about_question(told, replied, told.question_id) for told in messages]
    )


def _about_question(
    told: QuestionsAsked | QuestionAnswered, kind: StepKind, question_id: UUID
) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=question_id,
        code=told.code,
        referral_id=told.referral_id,
    )


@consumer.on_many(ProtectionMoved)
def note_protection(session: Session, messages: Sequence[ProtectionMoved], _now: datetime) -> None:
    """Show that protection was asked for, and what became of it."""
    domain.note_steps(session, [_protected(told) for told in messages])


def _protected(told: ProtectionMoved) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=StepKind.PROTECTION_MOVED,
        source_id=told.move_id,
        status=told.status,
        organisation_id=told.protector_id,
    )


@consumer.on_many(VerificationClockWarned)
def note_warnings(
    session: Session, messages: Sequence[VerificationClockWarned], _now: datetime
) -> None:
    """Show that a period ends soon, and to whom that has come."""
    domain.note_steps(session, [_of_clock(told, StepKind.CLOCK_WARNED) for told in messages])


@consumer.on_many(ReferralClockWarned)
def note_warnings_of_support(
    session: Session, messages: Sequence[ReferralClockWarned], _now: datetime
) -> None:
    """Show that a service is to begin soon, or a person to be asked, and to whom that has come."""
    domain.note_steps(session, [_of_clock(told, StepKind.CLOCK_WARNED) for told in messages])


@consumer.on_many(ReferralClockBreached)
def note_breaches_of_support(
    session: Session, messages: Sequence[ReferralClockBreached], _now: datetime
) -> None:
    """Show that a service did not begin, or nobody asked the person, in time."""
    domain.note_steps(session, [_of_clock(told, StepKind.CLOCK_BREACHED) for told in messages])


@consumer.on_many(VerificationClockBreached)
def note_breaches(
    session: Session, messages: Sequence[VerificationClockBreached], _now: datetime
) -> None:
    """Show that a period is over, and what was to be done is not done."""
    domain.note_steps(session, [_of_clock(told, StepKind.CLOCK_BREACHED) for told in messages])


def _of_clock(told: ClockTold, kind: StepKind) -> domain.StepFacts:
    return domain.StepFacts(
        case_id=told.case_id,
        at=told.occurred_at,
        kind=kind,
        source_id=told.clock_id,
        status=told.level,
        reason=told.key,
        organisation_id=told.organisation_id,
    )


@consumer.on(PersonMessageConcluded)
def note_person_message(session: Session, message: PersonMessageConcluded, now: datetime) -> None:
    """Keep what became of a message to the person: what did not arrive is the owner's to see to."""
    domain.note_message(
        session,
        case_id=message.case_id,
        message_id=message.message_id,
        told=message.outcome,
        now=now,
    )
