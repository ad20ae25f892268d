"""Message in, use case called: what others tell becomes deliveries, frame by frame."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.notification import domain, policy
from shared.contracts import (
    CaseReceived,
    EndpointChanged,
    OrganisationChanged,
    PurgeRequested,
    Queue,
    ReferralMoved,
    ReferralRequested,
    VerificationConcluded,
    VerificationOpened,
)
from shared.messaging.consumer import Consumer, actor_of

consumer = Consumer(Queue.NOTIFICATION)


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    now: datetime,
) -> None:
    """Keep who exists."""
    facts = [_organisation(told) for told in messages]
    actor = actor_of(OrganisationChanged)
    domain.note_organisations(session, organisations=facts, now=now, actor=actor)


def _organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    return domain.OrganisationFacts(told.organisation_id, told.code, told.kind, told.is_active)


@consumer.on_many(EndpointChanged)
def note_endpoints(session: Session, messages: Sequence[EndpointChanged], now: datetime) -> None:
    """Keep where webhooks go."""
    facts = [_endpoint(told) for told in messages]
    domain.note_endpoints(session, endpoints=facts, now=now, actor=actor_of(EndpointChanged))


def _endpoint(told: EndpointChanged) -> domain.EndpointFacts:
    return domain.EndpointFacts(
        endpoint_id=told.endpoint_id,
        organisation_id=told.organisation_id,
        url=told.url,
        status=told.status,
        secret_version=told.secret_version,
        told_at=told.occurred_at,
    )


@consumer.on_many(CaseReceived)
def subscribe_agencies(session: Session, messages: Sequence[CaseReceived], _now: datetime) -> None:
    """Keep who submitted which case."""
    domain.note_cases(session, agencies={told.case_id: told.receiver_id for told in messages})


@consumer.on_many(VerificationOpened)
def announce_verifications(
    session: Session,
    messages: Sequence[VerificationOpened],
    now: datetime,
) -> None:
    """Tell authorities what they have to decide."""
    events = [event for told in messages for event in policy.on_verification_opened(told)]
    domain.open_deliveries(session, events=events, now=now, actor=actor_of(VerificationOpened))


@consumer.on_many(VerificationConcluded)
def announce_conclusions(
    session: Session,
    messages: Sequence[VerificationConcluded],
    now: datetime,
) -> None:
    """Tell agencies how the verification of their case ended."""
    agencies = domain.find_agencies(session, [told.case_id for told in messages])
    events = [
        event
        for told in messages
        for event in policy.on_verification_concluded(told, agency_id=agencies[told.case_id])
    ]
    domain.open_deliveries(session, events=events, now=now, actor=actor_of(VerificationConcluded))


@consumer.on_many(ReferralRequested)
def announce_requests(
    session: Session,
    messages: Sequence[ReferralRequested],
    now: datetime,
) -> None:
    """Tell organisations that they are asked."""
    events = [event for told in messages for event in policy.on_request(told)]
    domain.open_deliveries(session, events=events, now=now, actor=actor_of(ReferralRequested))


@consumer.on_many(PurgeRequested)
def announce_purges(session: Session, messages: Sequence[PurgeRequested], now: datetime) -> None:
    """Tell organisations that had accepted what they have to delete."""
    events = [event for told in messages for event in policy.on_purge(told)]
    domain.open_deliveries(session, events=events, now=now, actor=actor_of(PurgeRequested))


@consumer.on_many(ReferralMoved)
def announce_moves(session: Session, messages: Sequence[ReferralMoved], now: datetime) -> None:
    """Tell agencies what became of their referrals, and the asked what was taken back."""
    agencies = domain.find_agencies(session, [told.case_id for told in messages])
    events = [
        event
        for told in messages
        for event in policy.on_move(told, agency_id=agencies[told.case_id])
    ]
    domain.open_deliveries(session, events=events, now=now, actor=actor_of(ReferralMoved))
