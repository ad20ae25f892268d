"""Who learns what, and in which words: thin CloudEvents 1.0 bodies of ids, codes and links.

An organisation that was asked learns its own offer and nothing of the case or of the referral: two
organisations must not be able to find out that they were asked about the same person, neither at
once nor one after the other. So it knows the referral by the id of its offer, every event has a
trace of its own, and says when something happened to the minute (ADR 0020).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from shared.contracts import (
    PurgeRequested,
    ReferralMoved,
    ReferralRequested,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.following import KINDS, followed_as
from shared.contracts.vocabulary import Queue, ReasonCode, ReferralStatus
from shared.kit.clock import minute_of

CLASSIFICATION = "restricted"
EXTENSION_NAME = re.compile(r"[a-z0-9]{1,20}")
"""How an extension attribute may be called (CloudEvents 1.0.2, naming conventions)."""

REQUESTERS_MOVES = frozenset({ReferralStatus.CANCELLED, ReferralStatus.ENTERED_IN_ERROR})
"""Moves the organisation asked did not make itself, so that it must be told of them."""


class EventType(StrEnum):
    """What a webhook speaks of."""

    REFERRAL_REQUESTED = "vn.nhipcau.referral.requested.v1"
    REFERRAL_MOVED = "vn.nhipcau.referral.moved.v1"
    REFERRAL_PURGE = "vn.nhipcau.referral.purge.v1"
    """Consent was withdrawn: delete what was kept of this referral."""
    CASE_RECEIVED = "vn.nhipcau.case.received.v1"
    PLAN_OPENED = "vn.nhipcau.plan.opened.v1"
    PLAN_REVISED = "vn.nhipcau.plan.revised.v1"
    ALERT_RAISED = "vn.nhipcau.alert.raised.v1"
    VERIFICATION_OPENED = "vn.nhipcau.verification.opened.v1"
    VERIFICATION_CONCLUDED = "vn.nhipcau.verification.concluded.v1"


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


def on_request(told: ReferralRequested) -> list[Event]:
    """The organisation asked learns that it is asked."""
    data = {
        **_reference(told.offer_id),
        "programme_id": told.programme_id,
        "code": told.code,
        "status": ReferralStatus.REQUESTED,
    }
    return [
        Event(
            type=EventType.REFERRAL_REQUESTED,
            source=told.source,
            cause_id=told.offer_id,
            organisation_id=told.organisation_id,
            case_id=told.case_id,
            subject=_referral(told.offer_id),
            data=data,
            occurred_at=told.occurred_at,
            referral_id=told.referral_id,
            offer_id=told.offer_id,
        ),
    ]


def on_move(told: ReferralMoved, *, agency_id: UUID) -> list[Event]:
    """The submitting agency learns every move; the organisation asked those it did not make.

    The agency has no part in it: it learns the kind of need, and nothing that leads to whom the
    person was referred to, for that says what ails them.
    """
    facts = {
        "status": told.status,
        "version": told.version,
        **_present(reason=told.reason, outcome=told.outcome),
    }
    known_as = followed_as(told.referral_id)
    for_agency = {
        "referral_id": known_as,
        "need": KINDS[told.code],
        **facts,
        "case_id": told.case_id,
        "link": _case_link(told.case_id),
    }
    subject = _referral(known_as)
    events = [_move(told, EventType.REFERRAL_MOVED, agency_id, for_agency, subject)]
    if told.status in REQUESTERS_MOVES and told.organisation_id and told.offer_id:
        is_withdrawn = told.reason is ReasonCode.CONSENT_WITHDRAWN
        kind = EventType.REFERRAL_PURGE if is_withdrawn else EventType.REFERRAL_MOVED
        for_asked = {**_reference(told.offer_id), "code": told.code, **facts}
        subject = _referral(told.offer_id)
        # First, for where one organisation is both, this is the one it has to act on.
        events.insert(0, _move(told, kind, told.organisation_id, for_asked, subject))
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
    return [
        Event(
            type=EventType.REFERRAL_PURGE,
            source=told.source,
            cause_id=told.purge_id or caused_at(told.offer_id, told.occurred_at),
            organisation_id=told.organisation_id,
            case_id=told.case_id,
            subject=_referral(told.offer_id),
            data=data,
            occurred_at=told.occurred_at,
            referral_id=told.referral_id,
            offer_id=told.offer_id,
        ),
    ]


def _move(
    told: ReferralMoved,
    kind: EventType,
    receiver: UUID,
    data: Mapping[str, Any],
    subject: str,
) -> Event:
    return Event(
        type=kind,
        source=told.source,
        cause_id=told.move_id,
        organisation_id=receiver,
        case_id=told.case_id,
        subject=subject,
        data=data,
        occurred_at=told.occurred_at,
        referral_id=told.referral_id,
        offer_id=told.offer_id,
    )


def on_verification_opened(told: VerificationOpened) -> list[Event]:
    """The authority that has to decide learns it; nobody, where none was found."""
    if told.verifier_id is None:
        return []
    data = {"regime": told.regime, "link": f"/verification/v1/verifications/{told.verification_id}"}
    return [_verification(told, EventType.VERIFICATION_OPENED, told.verifier_id, data)]


def on_verification_concluded(told: VerificationConcluded, *, agency_id: UUID) -> list[Event]:
    """The submitting agency learns how the verification ended."""
    data = {"status": told.outcome, "regime": told.regime, "link": _case_link(told.case_id)}
    return [_verification(told, EventType.VERIFICATION_CONCLUDED, agency_id, data)]


def _verification(
    told: VerificationOpened | VerificationConcluded,
    kind: EventType,
    receiver: UUID,
    data: Mapping[str, Any],
) -> Event:
    return Event(
        type=kind,
        source=told.source,
        cause_id=told.move_id or caused_at(told.verification_id, told.occurred_at),
        organisation_id=receiver,
        case_id=told.case_id,
        subject=f"verification/{told.verification_id}",
        data={"verification_id": told.verification_id, "case_id": told.case_id, **data},
        occurred_at=told.occurred_at,
    )


def caused_at(thing: UUID, instant: datetime) -> UUID:
    """The cause in a message of a release that did not name it yet: the thing, to the microsecond.

    A purge or a verification is asked for, or ends, more than once.
    """
    return uuid5(thing, instant.astimezone(UTC).isoformat())


def body_of(event: Event, *, delivery_id: UUID, traceparent: str) -> dict[str, Any]:
    """The event in CloudEvents' structured JSON; its id is the delivery's, at every try.

    The trace is this delivery's own; that of the case stays with us.
    """
    return {
        "specversion": "1.0",
        "id": str(delivery_id),
        "source": f"/{event.source.replace('_', '-')}",
        "type": event.type,
        "subject": event.subject,
        "time": minute_of(event.occurred_at.astimezone(UTC)).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataclassification": CLASSIFICATION,
        "traceparent": traceparent,
        "data": dict(event.data),
    }


def _present(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _reference(offer_id: UUID) -> dict[str, Any]:
    """How the organisation asked knows a referral, and where it reads and answers it."""
    return {
        "referral_id": offer_id,
        "offer_id": offer_id,
        "link": f"/livelihood-support/v1/referrals/{offer_id}",
    }


def _referral(known_as: UUID) -> str:
    return f"referral/{known_as}"


def _case_link(case_id: UUID) -> str:
    return f"/intake/v1/cases/{case_id}"
