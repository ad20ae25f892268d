"""Message in, use case called: what others tell becomes deliveries, frame by frame."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.notification import domain, policy
from shared.contracts import (
    AlertRaised,
    CaseHandedOver,
    CaseReceived,
    ContactNumberChanged,
    ContactPointChanged,
    EndpointChanged,
    IntakeAlertRaised,
    OrganisationChanged,
    PersonMessageAsked,
    PlanOpened,
    PlanOpenedV1,
    PlanRevised,
    PurgeRequested,
    QuestionAnswered,
    Queue,
    Reception,
    ReferralMoved,
    ReferralRequested,
    VerificationAlertRaised,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, Role
from shared.kit.clock import local_date
from shared.messaging.consumer import Consumer, actor_of
from shared.places.holders import Place, Tenure

consumer = Consumer(Queue.NOTIFICATION)


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    now: datetime,
) -> None:
    """Keep who exists."""
    facts = [_organisation(told) for told in messages]
    domain.note_organisations(session, organisations=facts, now=now)


def _organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    return domain.OrganisationFacts(
        told.organisation_id,
        told.code,
        told.kind,
        told.is_active,
        tuple(
            Tenure(told.organisation_id, told.code, held.area_code, held.valid_from, held.valid_to)
            for held in told.roles
            if held.role is Role.CASE_OWNER
        ),
    )


@consumer.on_many(EndpointChanged)
def note_endpoints(session: Session, messages: Sequence[EndpointChanged], now: datetime) -> None:
    """Keep where webhooks go."""
    facts = [_endpoint(told) for told in messages]
    domain.note_endpoints(session, endpoints=facts, now=now)


def _endpoint(told: EndpointChanged) -> domain.EndpointFacts:
    return domain.EndpointFacts(
        endpoint_id=told.endpoint_id,
        organisation_id=told.organisation_id,
        url=told.url,
        status=told.status,
        secret_version=told.secret_version,
        told_at=told.occurred_at,
        topic=told.topic,
        is_recorded=told.is_test,
    )


@consumer.on_many(ContactPointChanged)
def note_contact_points(
    session: Session, messages: Sequence[ContactPointChanged], now: datetime
) -> None:
    """Keep where offices are written to."""
    facts = [_contact_point(told) for told in messages]
    domain.note_endpoints(session, endpoints=facts, now=now)


def _contact_point(told: ContactPointChanged) -> domain.EndpointFacts:
    return domain.EndpointFacts(
        endpoint_id=told.contact_point_id,
        organisation_id=told.organisation_id,
        channel=told.channel,
        url=f"{policy.MAILTO}{told.mailbox}",
        status=_status(told),
        told_at=told.occurred_at,
        is_recorded=told.is_test,
    )


@consumer.on_many(ContactNumberChanged)
def note_numbers(session: Session, messages: Sequence[ContactNumberChanged], now: datetime) -> None:
    """Keep which phones officers on duty carry."""
    facts = [_number(told) for told in messages]
    domain.note_endpoints(session, endpoints=facts, now=now)


def _number(told: ContactNumberChanged) -> domain.EndpointFacts:
    return domain.EndpointFacts(
        endpoint_id=told.contact_point_id,
        organisation_id=told.organisation_id,
        channel=ChannelKind.SMS,
        url=f"{policy.TEL}{told.number}",
        status=_status(told),
        told_at=told.occurred_at,
        is_recorded=told.is_test,
    )


def _status(told: ContactPointChanged | ContactNumberChanged) -> EndpointStatus:
    return EndpointStatus.ACTIVE if told.valid_to is None else EndpointStatus.DISABLED


@consumer.on_many(CaseReceived)
def announce_cases(session: Session, messages: Sequence[CaseReceived], now: datetime) -> None:
    """Tell receptions as the release before did; verification passes them on since."""
    receptions = {told.case_id: _reception(told) for told in messages}
    cases = _note(session, receptions)
    news = policy.news_of_receptions(receptions)
    events = domain.tell_owners_of(session, news=news, belonging=_belonging(cases), now=now)
    domain.open_deliveries(session, events=events, now=now)


def _reception(told: CaseReceived) -> Reception:
    return Reception(
        case_code=told.case_code,
        receiver_id=told.receiver_id,
        area_code=told.area_code,
        area_on=told.area_on,
        told_at=told.occurred_at,
        has_immediate_needs=told.has_immediate_needs,
    )


def _note(session: Session, receptions: Mapping[UUID, Reception]) -> dict[UUID, domain.Followed]:
    """Keep who submitted which case, and where it is."""
    cases = {
        case_id: domain.Followed(
            told.receiver_id,
            Place(told.area_code, told.area_on or local_date(told.told_at)),
        )
        for case_id, told in receptions.items()
    }
    domain.note_cases(session, cases=cases)
    return cases


def _belonging(cases: Mapping[UUID, domain.Followed]) -> dict[UUID, domain.Belonging]:
    return {case_id: followed.belonging for case_id, followed in cases.items()}


def _received(
    session: Session, messages: Sequence[policy.AVerification]
) -> tuple[dict[UUID, domain.Followed], list[policy.News]]:
    """The cases of these messages, and the news of each that is told of for the first time."""
    receptions = {told.case_id: told.reception for told in messages if told.reception}
    former = [told.case_id for told in messages if told.case_id not in receptions]
    cases = domain.find_cases(session, former) | _note(session, receptions)
    return cases, policy.news_of_receptions(receptions)


@consumer.on_many(VerificationOpened)
def announce_verifications(
    session: Session,
    messages: Sequence[VerificationOpened],
    now: datetime,
) -> None:
    """Tell authorities what they have to decide, and owners that it is to be decided."""
    cases, news = _received(session, messages)
    news += [policy.news_of_opening(told) for told in messages]
    owners = domain.tell_owners_of(session, news=news, belonging=_belonging(cases), now=now)
    told_first = [event for told in messages for event in policy.on_verification_opened(told)]
    events = policy.with_owners(told_first, owners)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(VerificationConcluded)
def announce_conclusions(
    session: Session,
    messages: Sequence[VerificationConcluded],
    now: datetime,
) -> None:
    """Tell agencies and owners how the verification of their case ended."""
    cases, news = _received(session, messages)
    news += [policy.news_of_conclusion(told) for told in messages]
    owners = domain.tell_owners_of(session, news=news, belonging=_belonging(cases), now=now)
    following = [
        event
        for told in messages
        for event in policy.on_verification_concluded(told, agency_id=cases[told.case_id].agency_id)
    ]
    events = policy.with_owners(following, owners)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(CaseHandedOver)
def announce_hand_overs(
    session: Session, messages: Sequence[CaseHandedOver], now: datetime
) -> None:
    """Tell both sides that another organisation owns the case; from now on that one is told."""
    cases = domain.note_hand_overs(
        session, {told.case_id: told.responsible_id for told in messages}
    )
    news = [policy.news_of_hand_over(told) for told in messages]
    owners = domain.tell_owners_of(session, news=news, belonging=_belonging(cases), now=now)
    former = [policy.on_hand_over(told) for told in messages]
    domain.open_deliveries(session, events=[*owners, *former], now=now)


@consumer.on_many(PlanOpenedV1)
def announce_bare_plans(session: Session, messages: Sequence[PlanOpenedV1], now: datetime) -> None:
    """Tell owners what a person is entitled to; who is asked is told by itself."""
    events = _plans(session, messages, now)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(PlanOpened)
def announce_plans(session: Session, messages: Sequence[PlanOpened], now: datetime) -> None:
    """Tell owners what a person is entitled to, and organisations that they are asked."""
    asked = [policy.on_request(told, each) for told in messages for each in told.asked]
    events = policy.with_owners(asked, _plans(session, messages, now))
    domain.open_deliveries(session, events=events, now=now)


def _plans(
    session: Session, messages: Sequence[policy.APlan], now: datetime
) -> Sequence[policy.Event]:
    belonging = _belonging(domain.find_cases(session, [told.case_id for told in messages]))
    news = [policy.news_of_plan(told) for told in messages]
    return domain.tell_owners_of(session, news=news, belonging=belonging, now=now)


@consumer.on_many(PlanRevised)
def announce_revisions(session: Session, messages: Sequence[PlanRevised], now: datetime) -> None:
    """Tell owners that a person is entitled to something else than before."""
    belonging = _belonging(domain.find_cases(session, [told.case_id for told in messages]))
    news = [policy.news_of_revision(told) for told in messages]
    events = domain.tell_owners_of(session, news=news, belonging=belonging, now=now)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(AlertRaised)
def announce_alerts(session: Session, messages: Sequence[AlertRaised], now: datetime) -> None:
    """Tell owners which need cannot go on without them."""
    _announce_alerts(session, messages, {}, now)


@consumer.on_many(IntakeAlertRaised)
def announce_urgency(
    session: Session, messages: Sequence[IntakeAlertRaised], now: datetime
) -> None:
    """Tell owners that something cannot wait, verification least of all."""
    belonging = {
        told.case_id: domain.Belonging(
            Place(told.area_code, told.area_on or local_date(told.occurred_at))
        )
        for told in messages
        if told.area_code is not None
    }
    _announce_alerts(session, messages, belonging, now)


@consumer.on_many(VerificationAlertRaised)
def announce_standstill(
    session: Session, messages: Sequence[VerificationAlertRaised], now: datetime
) -> None:
    """Tell owners that a verification stands still."""
    _announce_alerts(session, messages, {}, now)


def _announce_alerts(
    session: Session,
    messages: Sequence[policy.AnAlert],
    belonging: Mapping[UUID, domain.Belonging],
    now: datetime,
) -> None:
    """Tell them by where the case is: as its alert says, or else as its reception did."""
    unsaid = [told.case_id for told in messages if told.case_id not in belonging]
    known = _belonging(domain.find_cases(session, unsaid))
    news = [policy.news_of_alert(told) for told in messages]
    events = domain.tell_owners_of(session, news=news, belonging={**known, **belonging}, now=now)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(ReferralRequested)
def announce_requests(
    session: Session,
    messages: Sequence[ReferralRequested],
    now: datetime,
) -> None:
    """Tell organisations that they are asked."""
    events = [policy.on_request(told, told) for told in messages]
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(PurgeRequested)
def announce_purges(session: Session, messages: Sequence[PurgeRequested], now: datetime) -> None:
    """Tell organisations that had accepted what they have to delete."""
    events = [event for told in messages for event in policy.on_purge(told)]
    domain.open_deliveries(session, events=events, now=now)


@consumer.on_many(QuestionAnswered)
def announce_replies(session: Session, messages: Sequence[QuestionAnswered], now: datetime) -> None:
    """Tell organisations that what they asked was replied to."""
    domain.open_deliveries(session, events=[policy.on_reply(told) for told in messages], now=now)


@consumer.on_many(ReferralMoved)
def announce_moves(session: Session, messages: Sequence[ReferralMoved], now: datetime) -> None:
    """Tell agencies and owners what became of referrals, and the asked what was taken back."""
    ended, actor = policy.ended_offers(messages), actor_of(ReferralMoved)
    domain.cancel_asking(session, offers=ended, actor=actor, now=now)
    cases = domain.find_cases(session, [told.case_id for told in messages])
    news = [policy.news_of_move(told) for told in messages]
    owners = domain.tell_owners_of(session, news=news, belonging=_belonging(cases), now=now)
    moved = [
        event
        for told in messages
        for event in policy.on_move(told, agency_id=cases[told.case_id].agency_id)
    ]
    events = policy.with_owners(moved, owners)
    domain.open_deliveries(session, events=events, now=now)


@consumer.on(PersonMessageAsked)
def note_person_message(session: Session, message: PersonMessageAsked, now: datetime) -> None:
    """A message to a person is to leave; where to and what is asked then."""
    domain.note_asked(session, message, now)
