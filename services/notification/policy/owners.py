"""What the owner of a case learns: that it came, how it was verified, its plan, every move, alerts.

A case owner decides in the case and reads all of it but who the person is, so its webhooks name the
case and the referral. They name no offer: by the ids of offers partners are kept apart (ADR 0020),
and whoever owns one case may be asked about another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.notification.policy.events import Event, EventType, caused_at
from shared.contracts import (
    AlertRaised,
    CaseReceived,
    PlanOpened,
    PlanRevised,
    ReferralMoved,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import Queue
from shared.kit.clock import minute_of

IMMEDIATE_NEEDS = "immediate_needs"
"""The alert of intake that its owner has to act on at once."""


@dataclass(frozen=True)
class News:
    """One thing whoever owns a case must learn."""

    type: EventType
    source: Queue
    cause_id: UUID
    case_id: UUID
    subject: str
    data: Mapping[str, Any]
    occurred_at: datetime
    referral_id: UUID | None = None
    offer_id: UUID | None = None
    """Kept with the delivery for operators; the webhook does not have it."""

    def to(self, owner_id: UUID) -> Event:
        """The event that tells it to an organisation."""
        return Event(
            type=self.type,
            source=self.source,
            cause_id=self.cause_id,
            organisation_id=owner_id,
            case_id=self.case_id,
            subject=self.subject,
            data=self.data,
            occurred_at=self.occurred_at,
            referral_id=self.referral_id,
            offer_id=self.offer_id,
        )


def news_of_case(told: CaseReceived) -> News:
    """A case was received; something in it may not be able to wait."""
    data = {"case_id": told.case_id, "case_code": told.case_code, "link": _case(told.case_id)}
    if told.has_immediate_needs:
        data["alert"] = IMMEDIATE_NEEDS
    return _news(told, EventType.CASE_RECEIVED, told.case_id, f"case/{told.case_id}", data)


def news_of_opening(told: VerificationOpened) -> News:
    """A verification waits for its authority, or for the case owner to name one."""
    facts = {
        "regime": told.regime,
        "link": f"/verification/v1/verifications/{told.verification_id}",
    }
    return _verification(told, EventType.VERIFICATION_OPENED, facts)


def news_of_conclusion(told: VerificationConcluded) -> News:
    """A verification ended."""
    facts = {"status": told.outcome, "regime": told.regime, "link": _case(told.case_id)}
    return _verification(told, EventType.VERIFICATION_CONCLUDED, facts)


def news_of_plan(told: PlanOpened) -> News:
    """Entitlements were computed."""
    data = {
        "case_id": told.case_id,
        "plan_id": told.plan_id,
        "regime": told.regime,
        "link": _plans(told.case_id),
    }
    return _news(told, EventType.PLAN_OPENED, told.plan_id, f"plan/{told.plan_id}", data)


def news_of_revision(told: PlanRevised) -> News:
    """Some codes have another answer than before."""
    data = {
        "case_id": told.case_id,
        "plan_id": told.plan_id,
        "revision_id": told.revision_id,
        "version": told.revision,
        "link": _plans(told.case_id),
    }
    return _news(told, EventType.PLAN_REVISED, told.revision_id, f"plan/{told.plan_id}", data)


def news_of_move(told: ReferralMoved) -> News:
    """A referral changed its status."""
    given = {"reason": told.reason, "outcome": told.outcome}
    data = {
        "case_id": told.case_id,
        "referral_id": told.referral_id,
        "code": told.code,
        "status": told.status,
        "version": told.version,
        **{name: value for name, value in given.items() if value is not None},
        "link": f"/livelihood-support/v1/referrals/{told.referral_id}",
    }
    return News(
        type=EventType.REFERRAL_MOVED,
        source=told.source,
        cause_id=told.move_id,
        case_id=told.case_id,
        subject=f"referral/{told.referral_id}",
        data=data,
        occurred_at=told.occurred_at,
        referral_id=told.referral_id,
        offer_id=told.offer_id,
    )


def news_of_alert(told: AlertRaised) -> News:
    """The exchange cannot settle something by itself, and the case owner must act."""
    data = {
        "case_id": told.case_id,
        "alert_id": told.alert_id,
        "kind": told.kind,
        "code": told.code,
        "must_act": told.must_act,
        "since": _minute(told.raised_at),
        **({"referral_id": told.referral_id} if told.referral_id else {}),
        "link": f"/livelihood-support/v1/alerts?case_id={told.case_id}",
    }
    return News(
        type=EventType.ALERT_RAISED,
        source=told.source,
        cause_id=told.alert_id,
        case_id=told.case_id,
        subject=f"alert/{told.alert_id}",
        data=data,
        occurred_at=told.occurred_at,
        referral_id=told.referral_id,
    )


def with_owners(events: Sequence[Event], owners: Sequence[Event]) -> list[Event]:
    """All events in the order in which one that repeats another is left out.

    Whoever is asked learns first what it has to do, then owners, and then those who only follow the
    case: an agency that owns it is told once, as its owner.
    """
    following = [event for event in events if "case_id" in event.data]
    asked = [event for event in events if "case_id" not in event.data]
    return [*asked, *owners, *following]


def _verification(
    told: VerificationOpened | VerificationConcluded,
    kind: EventType,
    facts: Mapping[str, Any],
) -> News:
    data = {"verification_id": told.verification_id, "case_id": told.case_id, **facts}
    cause = told.move_id or caused_at(told.verification_id, told.occurred_at)
    return _news(told, kind, cause, f"verification/{told.verification_id}", data)


def _news(
    told: CaseReceived | PlanOpened | PlanRevised | VerificationOpened | VerificationConcluded,
    kind: EventType,
    cause_id: UUID,
    subject: str,
    data: Mapping[str, Any],
) -> News:
    return News(
        type=kind,
        source=told.source,
        cause_id=cause_id,
        case_id=told.case_id,
        subject=subject,
        data=data,
        occurred_at=told.occurred_at,
    )


def _minute(instant: datetime) -> str:
    return minute_of(instant.astimezone(UTC)).isoformat().replace("+00:00", "Z")


def _plans(case_id: UUID) -> str:
    return f"/livelihood-support/v1/plans?case_id={case_id}"


def _case(case_id: UUID) -> str:
    return f"/intake/v1/cases/{case_id}"
