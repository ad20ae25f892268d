"""Message in, use case called: what livelihood support does with what others tell."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.policy import Awaited
from shared.contracts import (
    AdvanceNoticeChanged,
    AgeBandChanged,
    CaseHandedOver,
    CaseReceived,
    ConsentGiven,
    ConsentWithdrawn,
    DeliveryConcluded,
    ExpectedPerson,
    Message,
    NoticeRead,
    OrganisationChanged,
    ProgrammeChanged,
    ProgrammeChangedV1,
    PurgeNoticeConcluded,
    Queue,
    RuleChanged,
    RuleProposed,
    RuleRehearsed,
    VerificationConcluded,
)
from shared.contracts.vocabulary import VerificationOutcome
from shared.kit.clock import local_date
from shared.messaging import outbox
from shared.messaging.consumer import Consumer, actor_of
from shared.rulebook import keep_rows, proposed_row

consumer = Consumer(Queue.LIVELIHOOD_SUPPORT)


@consumer.lock_first
def lock_frame(session: Session, messages: Sequence[Message]) -> None:
    """Cases, then programmes, each by id, for all that these messages bring about."""
    domain.lock_frame(session, _needs(messages))


def _needs(messages: Sequence[Message]) -> domain.Needs:
    told_of = ProgrammeChanged | ProgrammeChangedV1
    changed = [told for told in messages if isinstance(told, told_of)]
    ended = [told for told in messages if isinstance(told, VerificationConcluded)]
    consents = [told for told in messages if isinstance(told, ConsentGiven | ConsentWithdrawn)]
    aged = [told for told in messages if isinstance(told, AgeBandChanged)]
    handed = [told for told in messages if isinstance(told, CaseHandedOver)]
    notices = DeliveryConcluded | PurgeNoticeConcluded | NoticeRead
    delivered = [told for told in messages if isinstance(told, notices)]
    received = [told for told in messages if isinstance(told, CaseReceived)]
    notices_given = [told for told in messages if isinstance(told, AdvanceNoticeChanged)]
    met = {it.case_id for told in notices_given for it in told.people if it.case_id is not None}
    to_place = {
        *(it.case_id for it in ended if it.outcome is VerificationOutcome.IDENTIFIED),
        *(it.case_id for it in aged),
    }
    return domain.Needs(
        cases=frozenset(
            {told.case_id for told in (*ended, *consents, *delivered, *aged, *handed)} | met
        ),
        to_place=frozenset(to_place),
        to_consent=frozenset(told.case_id for told in consents),
        programmes=frozenset(told.programme_id for told in changed),
        arriving=frozenset(
            code
            for told in received
            if told.case_id in to_place
            for code in told.requested_services
        ),
    )


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    now: datetime,
) -> None:
    """Keep who exists, and who owns cases where and when."""
    facts = [_organisation(told) for told in messages]
    domain.note_organisations(session, organisations=facts, now=now)
    domain.find_houses(session, now=now)


@consumer.on_many(RuleChanged)
def keep_rules(session: Session, messages: Sequence[RuleChanged], _now: datetime) -> None:
    """Keep the rows that were published: whatever begins on their days goes by them."""
    keep_rows(session, messages)


@consumer.on(RuleProposed)
def rehearse_rule(session: Session, message: RuleProposed, now: datetime) -> None:
    """Say how far a row would reach that somebody proposes; it holds for nothing yet."""
    reach = domain.rehearse(session, proposed_row(message))
    outbox.add(session, RuleRehearsed(occurred_at=now, rule_id=message.rule_id, **vars(reach)))


def _organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    return domain.OrganisationFacts(
        told.organisation_id, told.code, told.kind, told.is_active, told.roles
    )


@consumer.on_many(ProgrammeChangedV1)
def note_unassured_programmes(
    session: Session,
    messages: Sequence[ProgrammeChangedV1],
    now: datetime,
) -> None:
    """Keep what was offered before anybody answered for it: nobody is sent there."""
    facts = [_unassured(told) for told in messages]
    domain.note_programmes(session, programmes=facts, now=now)


@consumer.on_many(ProgrammeChanged)
def note_programmes(
    session: Session,
    messages: Sequence[ProgrammeChanged],
    now: datetime,
) -> None:
    """Keep what is offered, who answers for it, and how many places."""
    facts = [_programme(told) for told in messages]
    domain.note_programmes(session, programmes=facts, now=now)


def _unassured(told: ProgrammeChangedV1) -> domain.ProgrammeFacts:
    said = told.model_dump(exclude={"staff_sex", "assured_at"})
    sexes = () if told.staff_sex is None else (told.staff_sex,)
    return _programme(ProgrammeChanged(**said, staff_sexes=sexes))


def _programme(told: ProgrammeChanged) -> domain.ProgrammeFacts:
    return domain.ProgrammeFacts(
        id=told.programme_id,
        organisation_id=told.organisation_id,
        organisation_kind=told.organisation_kind,
        codes=told.codes,
        area_codes=told.area_codes,
        languages=told.languages,
        has_interpreter=told.has_interpreter,
        client_sexes=told.client_sexes,
        minimum_age=told.minimum_age,
        maximum_age=told.maximum_age,
        serves_children=told.serves_children,
        staff_sexes=told.staff_sexes,
        capacity=told.capacity,
        assured_at=told.assured_at,
        assured_by=told.assured_by,
        is_active=told.is_active,
    )


@consumer.on_many(CaseReceived)
def store_cases(session: Session, messages: Sequence[CaseReceived], now: datetime) -> None:
    """Keep the files of received cases, their consents, and as what children came along."""
    domain.store_cases(session, [_case(told) for told in messages])
    along = [
        domain.Accompanying(told.case_id, told.receiver_id, beside.case_code)
        for told in messages
        if (beside := told.accompanies)
    ]
    domain.tell_accompanying(session, along, actor=actor_of(CaseReceived), now=now)


def _case(told: CaseReceived) -> domain.CaseFacts:
    return domain.CaseFacts(
        case_id=told.case_id,
        code=told.case_code,
        route=told.route,
        receiver_id=told.receiver_id,
        receiver_kind=told.receiver_kind,
        area_code=told.area_code,
        area_on=told.area_on,
        age_band=told.age_band,
        sex=told.sex,
        citizenship=told.citizenship,
        languages=told.languages,
        needs_interpreter=told.needs_interpreter,
        asked_staff_sex=told.asked_staff_sex,
        requested_services=told.requested_services,
        consents=frozenset((each.organisation_kind, each.purpose) for each in told.consents),
        received_at=told.begun_at,
        told_at=told.occurred_at,
    )


@consumer.on(AdvanceNoticeChanged)
def keep_handover(session: Session, message: AdvanceNoticeChanged, now: datetime) -> None:
    """Hold places for whoever is announced, and expect in their house whoever was received."""
    actor = actor_of(AdvanceNoticeChanged)
    domain.keep_handover(session, _handover(message), now=now, actor=actor)


def _handover(told: AdvanceNoticeChanged) -> domain.HandoverFacts:
    return domain.HandoverFacts(
        notice_id=told.notice_id,
        announcer_id=told.announcer_id,
        expected_on=told.expected_on,
        area_code=told.area_code,
        area_on=told.area_on,
        is_cancelled=told.is_cancelled,
        people=[_awaited(each) for each in told.people],
        told_at=told.occurred_at,
    )


def _awaited(told: ExpectedPerson) -> domain.AwaitedFacts:
    awaited = Awaited(
        told.age_band, told.sex, told.languages, told.needs_interpreter, told.needs_escort
    )
    return domain.AwaitedFacts(told.number, awaited, told.status, told.case_id)


@consumer.on_many(AgeBandChanged)
def note_ages(session: Session, messages: Sequence[AgeBandChanged], now: datetime) -> None:
    """Keep how old the person is, and look whether who is asked still fits."""
    bands = {told.case_id: told.age_band for told in messages}
    domain.note_ages(session, bands=bands, now=now, actor=actor_of(AgeBandChanged))


@consumer.on_many(CaseHandedOver)
def note_hand_overs(session: Session, messages: Sequence[CaseHandedOver], _now: datetime) -> None:
    """Keep to whom cases were handed: whose decisions count from now on."""
    domain.note_hand_overs(session, {told.case_id: told.responsible_id for told in messages})


@consumer.on_many(VerificationConcluded)
def open_plans(
    session: Session,
    messages: Sequence[VerificationConcluded],
    now: datetime,
) -> None:
    """Open plans for identified persons and refer what they asked for."""
    conclusions = [_conclusion(told) for told in messages]
    actor = actor_of(VerificationConcluded)
    domain.open_plans(session, conclusions=conclusions, now=now, actor=actor)


def _conclusion(told: VerificationConcluded) -> domain.Conclusion:
    return domain.Conclusion(
        told.case_id, told.outcome, told.regime, told.occurred_at, _identified(told)
    )


def _identified(told: VerificationConcluded) -> date | None:
    """A former release told no day: that of a decision is known, that of a paper is not."""
    if told.outcome is not VerificationOutcome.IDENTIFIED or told.identified_on is not None:
        return told.identified_on
    return None if told.proof else local_date(told.occurred_at)


@consumer.on(ConsentGiven)
def give_consent(session: Session, message: ConsentGiven, now: datetime) -> None:
    """Ask those who may be asked now."""
    domain.give_consent(
        session,
        case_id=message.case_id,
        kind=message.scope.organisation_kind,
        purpose=message.scope.purpose,
        now=now,
        actor=actor_of(ConsentGiven),
    )


@consumer.on(ConsentWithdrawn)
def withdraw_consent(session: Session, message: ConsentWithdrawn, now: datetime) -> None:
    """Recall what may no longer be asked."""
    domain.withdraw_consent(
        session,
        case_id=message.case_id,
        kind=message.scope.organisation_kind,
        purpose=message.scope.purpose,
        now=now,
        actor=actor_of(ConsentWithdrawn),
    )


@consumer.on_many(DeliveryConcluded)
def note_deliveries(
    session: Session,
    messages: Sequence[DeliveryConcluded],
    now: datetime,
) -> None:
    """Keep which offers have reached their organisation."""
    deliveries = [_delivery(told) for told in messages]
    domain.note_deliveries(session, deliveries=deliveries, now=now)


def _delivery(told: DeliveryConcluded) -> domain.DeliveryFacts:
    return domain.DeliveryFacts(
        told.case_id, told.offer_id, told.organisation_id, told.outcome, told.occurred_at
    )


@consumer.on_many(PurgeNoticeConcluded)
def note_purge_notices(
    session: Session,
    messages: Sequence[PurgeNoticeConcluded],
    now: datetime,
) -> None:
    """Keep an alert of what an organisation has to delete and was not told."""
    notices = [_notice(told) for told in messages]
    domain.note_purge_notices(session, notices=notices, now=now)


def _notice(told: PurgeNoticeConcluded) -> domain.NoticeFacts:
    return domain.NoticeFacts(told.case_id, told.offer_id, told.purge_id, told.outcome)


@consumer.on_many(NoticeRead)
def note_reads(session: Session, messages: Sequence[NoticeRead], now: datetime) -> None:
    """Keep that somebody of the organisation has read what it was asked."""
    domain.note_reads(session, reads=[_read(told) for told in messages], now=now)


def _read(told: NoticeRead) -> domain.ReadFacts:
    return domain.ReadFacts(
        told.case_id, told.offer_id, told.organisation_id, told.purge_id, told.occurred_at
    )
