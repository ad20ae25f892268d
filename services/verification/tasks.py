"""Message in, use case called: what verification does with what others tell."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.verification import domain
from shared.contracts import CaseReceived, Message, OrganisationChanged, Queue
from shared.messaging.consumer import Consumer

consumer = Consumer(Queue.VERIFICATION)


def _actor(message_type: type[Message]) -> str:
    return f"message:{message_type.type}"


@consumer.on_many(CaseReceived)
def open_verifications(session: Session, messages: Sequence[CaseReceived], now: datetime) -> None:
    """Open a verification for every received case."""
    cases = [_case(told) for told in messages]
    domain.open_verifications(session, cases=cases, now=now, actor=_actor(CaseReceived))


def _case(told: CaseReceived) -> domain.CaseFacts:
    return domain.CaseFacts(
        case_id=told.case_id,
        route=told.route,
        receiver_id=told.receiver_id,
        area_code=told.area_code,
        age_band=told.age_band,
        papers=frozenset(told.papers),
        received_at=told.occurred_at,
    )


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    now: datetime,
) -> None:
    """Keep who verifies where, and find authorities for what waited for one."""
    facts = [
        domain.OrganisationFacts(
            told.organisation_id, told.code, told.kind, told.roles, told.is_active
        )
        for told in messages
    ]
    actor = _actor(OrganisationChanged)
    if domain.note_organisations(session, organisations=facts, now=now, actor=actor):
        domain.assign_anew(session, now=now, actor=actor)
