"""Message in, use case called: what intake learns of its cases from the other services."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.policy import StepKind
from services.intake.tasks import journey
from shared import clocks
from shared.contracts import (
    ComplaintAnswered,
    ComplaintReceived,
    IntakeRuleRehearsed,
    Message,
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
    RuleChanged,
    RuleProposed,
    StayMoved,
    VerificationClockBreached,
    VerificationClockWarned,
    VerificationConcluded,
    VerificationOpened,
)
from shared.messaging import outbox
from shared.messaging.consumer import Consumer
from shared.rulebook import keep_rows, proposed_row

consumer = Consumer(Queue.INTAKE)


MOVING = VerificationOpened | VerificationConcluded | PlanOpenedV1 | PlanOpened
"""What may change the status of a case."""


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
    facts = [journey.organisation(told) for told in messages]
    domain.note_organisations(session, organisations=facts)


@consumer.on_many(OfficerChanged)
def note_officers(
    session: Session,
    messages: Sequence[OfficerChanged],
    _now: datetime,
) -> None:
    """Keep who acts in cases, and may be named in one, and until when."""
    domain.note_officers(session, officers=[journey.officer(told) for told in messages])


@consumer.on_many(RuleChanged)
def keep_rules(session: Session, messages: Sequence[RuleChanged], _now: datetime) -> None:
    """Keep the rows that were published: whatever begins on their days goes by them."""
    keep_rows(session, messages)


@consumer.on(RuleProposed)
def rehearse_rule(session: Session, message: RuleProposed, now: datetime) -> None:
    """Say how far a row would reach that somebody proposes; it holds for nothing yet."""
    reach = clocks.rehearse(session, proposed_row(message), domain.KEYS)
    told = IntakeRuleRehearsed(occurred_at=now, rule_id=message.rule_id, **vars(reach))
    outbox.add(session, told)


@consumer.on_many(VerificationOpened)
def note_verifications(
    session: Session,
    messages: Sequence[VerificationOpened],
    _now: datetime,
) -> None:
    """Show that verification has begun, and with whom; a first look has its day from here on."""
    steps = [journey.opened(told) for told in messages]
    domain.note_steps(session, steps)
    domain.advance_cases(session, journey.statuses(steps))
    domain.begin_first_looks(session, {told.case_id for told in messages})


@consumer.on_many(VerificationConcluded)
def note_conclusions(
    session: Session,
    messages: Sequence[VerificationConcluded],
    _now: datetime,
) -> None:
    """Show how verification ended."""
    steps = [journey.concluded(told) for told in messages]
    domain.note_steps(session, steps)
    domain.advance_cases(session, journey.statuses(steps))


@consumer.on_many(ComplaintReceived)
def note_complaints(
    session: Session, messages: Sequence[ComplaintReceived], _now: datetime
) -> None:
    """Show that the decision is complained of, and who answers."""
    domain.note_steps(
        session, [journey.of_complaint(it, StepKind.COMPLAINT_RECEIVED) for it in messages]
    )


@consumer.on_many(ComplaintAnswered)
def note_answers(session: Session, messages: Sequence[ComplaintAnswered], _now: datetime) -> None:
    """Show that the complaint was answered, and the decision stands."""
    domain.note_steps(
        session, [journey.of_complaint(it, StepKind.COMPLAINT_ANSWERED) for it in messages]
    )


@consumer.on_many(PlanOpenedV1)
def note_bare_plans(session: Session, messages: Sequence[PlanOpenedV1], _now: datetime) -> None:
    """Show that there is a plan; whom it asks is told by itself."""
    domain.note_steps(session, [journey.planned(told) for told in messages])
    domain.advance_cases(session, {told.case_id: None for told in messages})


@consumer.on_many(PlanOpened)
def note_plans(session: Session, messages: Sequence[PlanOpened], _now: datetime) -> None:
    """Show that there is a plan and who was asked, and remember whom the referrals are with."""
    asked = [(told, each) for told in messages for each in told.asked]
    steps = [journey.planned(told) for told in messages]
    domain.note_steps(session, steps + [journey.requested(told, each) for told, each in asked])
    domain.note_grants(session, [journey.grant(told, each) for told, each in asked])
    domain.advance_cases(session, {told.case_id: None for told in messages})


@consumer.on_many(PlanRevised)
def note_revisions(session: Session, messages: Sequence[PlanRevised], _now: datetime) -> None:
    """Show that the plan is another now; the case stands where it stood."""
    steps = [journey.revised(told) for told in messages]
    domain.note_steps(session, steps)


@consumer.on_many(ReferralRequested)
def note_requests(
    session: Session,
    messages: Sequence[ReferralRequested],
    _now: datetime,
) -> None:
    """Show who was asked, and remember whom the referral is with."""
    steps = [journey.requested(told, told) for told in messages]
    domain.note_steps(session, steps)
    domain.note_grants(session, [journey.grant(told, told) for told in messages])


@consumer.on_many(ReferralMoved)
def note_moves(session: Session, messages: Sequence[ReferralMoved], _now: datetime) -> None:
    """Show each step of a referral, and remember who may learn of the person."""
    steps = [journey.moved(told) for told in messages]
    domain.note_steps(session, steps)
    domain.note_grants(session, [journey.held(told) for told in messages])


@consumer.on_many(ReferralConfirmed)
def note_confirmations(
    session: Session, messages: Sequence[ReferralConfirmed], _now: datetime
) -> None:
    """Show that the support has reached the person."""
    domain.note_steps(session, [journey.confirmed(told) for told in messages])


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
    steps = [journey.given(told, recorded, told.organisation_id) for told in messages]
    domain.note_steps(session, steps)


@consumer.on_many(ProvisionCorrected)
def note_provision_corrections(
    session: Session, messages: Sequence[ProvisionCorrected], _now: datetime
) -> None:
    """Show that a record of that was wrong."""
    corrected = StepKind.PROVISION_CORRECTED
    domain.note_steps(session, [journey.given(told, corrected, None) for told in messages])


@consumer.on_many(QuestionsAsked)
def note_questions(session: Session, messages: Sequence[QuestionsAsked], _now: datetime) -> None:
    """Show that an organisation asks before it answers, and that it is the case owner's turn."""
    steps = [
        journey.about_question(told, StepKind.QUESTION_ASKED, each)
        for told in messages
        for each in told.question_ids
    ]
    domain.note_steps(session, steps)


@consumer.on_many(QuestionAnswered)
def note_replies(session: Session, messages: Sequence[QuestionAnswered], _now: datetime) -> None:
    """Show that it was replied to."""
    replied = StepKind.QUESTION_ANSWERED
    domain.note_steps(
        session, [journey.about_question(told, replied, told.question_id) for told in messages]
    )


@consumer.on_many(ProtectionMoved)
def note_protection(session: Session, messages: Sequence[ProtectionMoved], _now: datetime) -> None:
    """Show that protection was asked for, and what became of it."""
    domain.note_steps(session, [journey.protected(told) for told in messages])


@consumer.on_many(StayMoved)
def note_stays(session: Session, messages: Sequence[StayMoved], _now: datetime) -> None:
    """Show that somebody is expected in a facility, has come, or has left."""
    domain.note_steps(session, [journey.stayed(told) for told in messages])


@consumer.on_many(VerificationClockWarned)
def note_warnings(
    session: Session, messages: Sequence[VerificationClockWarned], _now: datetime
) -> None:
    """Show that a period ends soon, and to whom that has come."""
    domain.note_steps(session, [journey.of_clock(it, StepKind.CLOCK_WARNED) for it in messages])


@consumer.on_many(ReferralClockWarned)
def note_warnings_of_support(
    session: Session, messages: Sequence[ReferralClockWarned], _now: datetime
) -> None:
    """Show that a service is to begin soon, or a person to be asked, and to whom that has come."""
    domain.note_steps(session, [journey.of_clock(it, StepKind.CLOCK_WARNED) for it in messages])


@consumer.on_many(ReferralClockBreached)
def note_breaches_of_support(
    session: Session, messages: Sequence[ReferralClockBreached], _now: datetime
) -> None:
    """Show that a service did not begin, or nobody asked the person, in time."""
    domain.note_steps(session, [journey.of_clock(it, StepKind.CLOCK_BREACHED) for it in messages])


@consumer.on_many(VerificationClockBreached)
def note_breaches(
    session: Session, messages: Sequence[VerificationClockBreached], _now: datetime
) -> None:
    """Show that a period is over, and what was to be done is not done."""
    domain.note_steps(session, [journey.of_clock(it, StepKind.CLOCK_BREACHED) for it in messages])


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
