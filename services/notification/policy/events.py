"""Who learns what, and in which words: thin CloudEvents 1.0 bodies of ids, codes and links.

An organisation that was asked learns its own offer and nothing of the case or of the referral: two
organisations must not be able to find out that they were asked about the same person, neither at
once nor one after the other. So it knows the referral by the id of its offer, every event has a
trace of its own, and says when something happened to the minute (ADR 0020).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from shared.contracts import (
    AlertRaised,
    CaseHandedOver,
    IntakeAlertRaised,
    OfferMade,
    PlanOpened,
    PlanOpenedV1,
    PlanRevised,
    PurgeRequested,
    QuestionAnswered,
    ReferralMoved,
    ReferralRequested,
    VerificationAlertRaised,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.following import KINDS, followed_as
from shared.contracts.vocabulary import Queue, ReasonCode, ReferralStatus
from shared.kit.clock import minute_of

CLASSIFICATION = "restricted"
EXTENSION_NAME = re.compile(r"[a-z0-9]{1,20}")
"""How an extension attribute may be called (CloudEvents 1.0.2, naming conventions)."""

AnAlert = AlertRaised | IntakeAlertRaised | VerificationAlertRaised
"""An alert, from whichever service."""
APlan = PlanOpenedV1 | PlanOpened
"""A plan, told with those it asks or without."""
AVerification = VerificationOpened | VerificationConcluded
"""A step of a verification; the first of a case says how it was received."""
OfCase = AnAlert | APlan | PlanRevised | AVerification | CaseHandedOver
OfReferral = PurgeRequested | QuestionAnswered | ReferralMoved | ReferralRequested

REQUESTERS_MOVES = frozenset({ReferralStatus.CANCELLED, ReferralStatus.ENTERED_IN_ERROR})
"""Moves the organisation asked did not make itself, so that it must be told of them."""


class EventType(StrEnum):
    """What a webhook speaks of."""

    REFERRAL_REQUESTED = "vn.nhipcau.referral.requested.v1"
    REFERRAL_MOVED = "vn.nhipcau.referral.moved.v1"
    REFERRAL_PURGE = "vn.nhipcau.referral.purge.v1"
    """Consent was withdrawn, or the need ended: delete what was kept of this referral."""
    REFERRAL_QUESTION_ANSWERED = "vn.nhipcau.referral.question_answered.v1"
    """The case owner has replied to what the organisation asked about its offer."""
    CASE_RECEIVED = "vn.nhipcau.case.received.v1"
    CASE_HANDED_OVER = "vn.nhipcau.case.handed_over.v1"
    """Another organisation owns the case from now on; told to both."""
    PLAN_OPENED = "vn.nhipcau.plan.opened.v1"
    PLAN_REVISED = "vn.nhipcau.plan.revised.v1"
    ALERT_RAISED = "vn.nhipcau.alert.raised.v1"
    VERIFICATION_OPENED = "vn.nhipcau.verification.opened.v1"
    VERIFICATION_CONCLUDED = "vn.nhipcau.verification.concluded.v1"
    ENDPOINT_TEST = "vn.nhipcau.endpoint.test.v1"
    """Nothing happened: somebody asked whether webhooks arrive."""


@dataclass(frozen=True)
class Event:
    """One thing one organisation must learn."""

    type: EventType
    source: Queue
    cause_id: UUID
    """The offer, move or purge it tells of: what makes a repeat a repeat."""
    organisation_id: UUID
    case_id: UUID
    subject: str
    data: Mapping[str, Any]
    occurred_at: datetime
    referral_id: UUID | None = None
    offer_id: UUID | None = None

    @property
    def effect_key(self) -> str:
        """Unique per effect: the same thing reaches the same organisation under one id only.

        Never a time: two things may happen at one instant, and one thing is told of late.
        """
        return f"{self.type}:{self.cause_id}:{self.organisation_id}"


@dataclass(frozen=True)
class News:
    """One thing to be learned of a case, whoever learns it."""

    type: EventType
    source: Queue
    cause_id: UUID
    case_id: UUID
    subject: str
    data: Mapping[str, Any]
    occurred_at: datetime
    referral_id: UUID | None = None
    offer_id: UUID | None = None
    """Kept with the delivery for operators, where the webhook does not have it."""

    def to(self, organisation_id: UUID) -> Event:
        """The event that tells it to an organisation."""
        return Event(**vars(self), organisation_id=organisation_id)


def news_of(
    told: OfCase | OfReferral,
    kind: EventType,
    cause_id: UUID,
    subject: str,
    data: Mapping[str, Any],
) -> News:
    """What a message tells of its case."""
    return News(
        type=kind,
        source=told.source,
        cause_id=cause_id,
        case_id=told.case_id,
        subject=subject,
        data=data,
        occurred_at=told.occurred_at,
    )


def news_of_referral(
    told: OfReferral, kind: EventType, cause_id: UUID, known_as: UUID, data: Mapping[str, Any]
) -> News:
    """What a message tells of a referral, by the id under which its subject knows it."""
    found = news_of(told, kind, cause_id, f"referral/{known_as}", data)
    return replace(found, referral_id=told.referral_id, offer_id=told.offer_id)


def on_request(told: PlanOpened | ReferralRequested, asked: OfferMade) -> Event:
    """The organisation asked learns that it is asked."""
    data = {
        **_reference(asked.offer_id),
        "programme_id": asked.programme_id,
        "code": asked.code,
        "status": ReferralStatus.REQUESTED,
        **present(answer_not_due_before=_written(told.answer_not_due_before)),
    }
    kind, subject = EventType.REFERRAL_REQUESTED, f"referral/{asked.offer_id}"
    news = news_of(told, kind, asked.offer_id, subject, data)
    named = replace(news, referral_id=asked.referral_id, offer_id=asked.offer_id)
    return named.to(asked.organisation_id)


def ended_offers(moves: Iterable[ReferralMoved]) -> Mapping[UUID, Collection[UUID]]:
    """By case the offers that wait for no answer any more since these moves."""
    ended: dict[UUID, set[UUID]] = {}
    for told in moves:
        if told.offer_id is not None and told.status is not ReferralStatus.REQUESTED:
            ended.setdefault(told.case_id, set()).add(told.offer_id)
    return ended


def on_move(told: ReferralMoved, *, agency_id: UUID) -> list[Event]:
    """The submitting agency learns every move; the organisation asked those it did not make.

    The agency has no part in it: it learns the kind of need, and nothing that leads to whom the
    person was referred to, for that says what ails them.
    """
    facts = {
        "status": told.status,
        "version": told.version,
        **present(reason=told.reason, outcome=told.outcome),
    }
    known_as = followed_as(told.referral_id)
    for_agency = {
        "referral_id": known_as,
        "need": KINDS[told.code],
        **facts,
        "case_id": told.case_id,
        "link": case_link(told.case_id),
    }
    moved = EventType.REFERRAL_MOVED
    events = [news_of_referral(told, moved, told.move_id, known_as, for_agency).to(agency_id)]
    if told.status in REQUESTERS_MOVES and told.organisation_id and told.offer_id:
        is_withdrawn = told.reason is ReasonCode.CONSENT_WITHDRAWN
        kind = EventType.REFERRAL_PURGE if is_withdrawn else moved
        for_asked = {**_reference(told.offer_id), "code": told.code, **facts}
        asked = news_of_referral(told, kind, told.move_id, told.offer_id, for_asked)
        # First, for where one organisation is both, this is the one it has to act on.
        events.insert(0, asked.to(told.organisation_id))
    return events


def on_purge(told: PurgeRequested) -> list[Event]:
    """The organisation that accepted learns that it has to delete what it was told."""
    data = {
        **_reference(told.offer_id),
        "code": told.code,
        "status": told.status,
        "version": told.version,
        "reason": told.reason or ReasonCode.CONSENT_WITHDRAWN,
    }
    cause = told.purge_id or caused_at(told.offer_id, told.occurred_at)
    news = news_of_referral(told, EventType.REFERRAL_PURGE, cause, told.offer_id, data)
    return [news.to(told.organisation_id)]


def on_reply(told: QuestionAnswered) -> Event:
    """The organisation that asked learns that there is a reply; what, it reads with its offer."""
    data = {**_reference(told.offer_id), "question_id": told.question_id, "code": told.code}
    kind = EventType.REFERRAL_QUESTION_ANSWERED
    news = news_of_referral(told, kind, told.question_id, told.offer_id, data)
    return news.to(told.organisation_id)


def caused_at(thing: UUID, instant: datetime) -> UUID:
    """The cause in a message of a release that did not name it yet: the thing, to the microsecond.

    A purge or a verification is asked for, or ends, more than once.
    """
    return uuid5(thing, instant.astimezone(UTC).isoformat())


def body_of(event: Event, *, delivery_id: UUID, traceparent: str) -> dict[str, Any]:
    """The event in CloudEvents' structured JSON; its id is the delivery's, at every try.

    The trace is this delivery's own; that of the case stays with us.
    """
    return _cloud_event(
        event.source,
        event.type,
        event.subject,
        event.data,
        event.occurred_at,
        delivery_id=delivery_id,
        traceparent=traceparent,
    )


def endpoint_test(
    endpoint_id: UUID, *, asked_at: datetime, delivery_id: UUID, traceparent: str
) -> dict[str, Any]:
    """The event by which an endpoint is tested: it names the endpoint, and no case."""
    return _cloud_event(
        Queue.NOTIFICATION,
        EventType.ENDPOINT_TEST,
        f"endpoint/{endpoint_id}",
        {"endpoint_id": str(endpoint_id)},
        asked_at,
        delivery_id=delivery_id,
        traceparent=traceparent,
    )


def _cloud_event(
    source: Queue,
    kind: EventType,
    subject: str,
    data: Mapping[str, Any],
    occurred_at: datetime,
    *,
    delivery_id: UUID,
    traceparent: str,
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(delivery_id),
        "source": f"/{source.replace('_', '-')}",
        "type": kind,
        "subject": subject,
        "time": written_minute(occurred_at),
        "datacontenttype": "application/json",
        "dataclassification": CLASSIFICATION,
        "traceparent": traceparent,
        "data": dict(data),
    }


def written_minute(instant: datetime) -> str:
    """The minute of an instant, which is all that a webhook says of when."""
    return minute_of(instant.astimezone(UTC)).isoformat().replace("+00:00", "Z")


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else written_minute(instant)


def present(**facts: Any) -> dict[str, Any]:
    """Those of these facts that are set."""
    return {name: value for name, value in facts.items() if value is not None}


def _reference(offer_id: UUID) -> dict[str, Any]:
    """How the organisation asked knows a referral, and where it reads and answers it."""
    return {
        "referral_id": offer_id,
        "offer_id": offer_id,
        "link": f"/livelihood-support/v1/referrals/{offer_id}",
    }


def case_link(case_id: UUID) -> str:
    """Where a case is read."""
    return f"/intake/v1/cases/{case_id}"
