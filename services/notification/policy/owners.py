"""What the owner of a case learns: that it came, how it was verified, its plan, every move, alerts.

A case owner decides in the case and reads all of it but who the person is, so its webhooks name the
case and the referral. They name no offer: by the ids of offers partners are kept apart (ADR 0020),
and whoever owns one case may be asked about another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.notification.policy.events import (
    AnAlert,
    APlan,
    AVerification,
    Event,
    EventType,
    News,
    case_link,
    caused_at,
    news_of,
    news_of_referral,
    present,
    written_minute,
)
from shared.contracts import (
    AlertRaised,
    CaseHandedOver,
    PlanRevised,
    Queue,
    Reception,
    ReferralMoved,
    VerificationConcluded,
    VerificationOpened,
)

IMMEDIATE_NEEDS = "immediate_needs"
"""The alert of intake that its owner has to act on at once."""


def news_of_receptions(receptions: Mapping[UUID, Reception]) -> list[News]:
    """Cases were received; something in them may not be able to wait.

    Whoever passes it on, it is intake's word, and one thing by its case.
    """
    return [_news_of_reception(case_id, told) for case_id, told in receptions.items()]


def _news_of_reception(case_id: UUID, told: Reception) -> News:
    data = {"case_id": case_id, "case_code": told.case_code, "link": case_link(case_id)}
    if told.has_immediate_needs:
        data["alert"] = IMMEDIATE_NEEDS
    return News(
        type=EventType.CASE_RECEIVED,
        source=Queue.INTAKE,
        cause_id=case_id,
        case_id=case_id,
        subject=f"case/{case_id}",
        data=data,
        occurred_at=told.told_at,
    )


def news_of_hand_over(told: CaseHandedOver) -> News:
    """Another organisation answers for the case, or whoever holds its area again."""
    data = {
        "case_id": told.case_id,
        "former_id": told.former_id,
        **present(responsible_id=told.responsible_id),
        "reason": told.reason,
        "link": f"{case_link(told.case_id)}/responsibility",
    }
    kind, subject = EventType.CASE_HANDED_OVER, f"case/{told.case_id}"
    return news_of(told, kind, told.handover_id, subject, data)


def on_hand_over(told: CaseHandedOver) -> Event:
    """Whoever owned it until then learns that it owns it no more, and who does."""
    return news_of_hand_over(told).to(told.former_id)


def news_of_opening(told: VerificationOpened) -> News:
    """A verification waits for its authority, or for the case owner to name one."""
    facts = {
        "regime": told.regime,
        "link": f"/verification/v1/verifications/{told.verification_id}",
    }
    return _verification(told, EventType.VERIFICATION_OPENED, facts)


def news_of_conclusion(told: VerificationConcluded) -> News:
    """A verification ended."""
    facts = {"status": told.outcome, "regime": told.regime, "link": case_link(told.case_id)}
    return _verification(told, EventType.VERIFICATION_CONCLUDED, facts)


def on_verification_opened(told: VerificationOpened) -> list[Event]:
    """The authority that has to decide learns what owners learn; nobody, where none was found."""
    return [] if told.verifier_id is None else [news_of_opening(told).to(told.verifier_id)]


def on_verification_concluded(told: VerificationConcluded, *, agency_id: UUID) -> list[Event]:
    """The submitting agency learns what owners learn."""
    return [news_of_conclusion(told).to(agency_id)]


def news_of_plan(told: APlan) -> News:
    """Entitlements were computed."""
    data = {
        "case_id": told.case_id,
        "plan_id": told.plan_id,
        "regime": told.regime,
        "link": _plans(told.case_id),
    }
    return news_of(told, EventType.PLAN_OPENED, told.plan_id, f"plan/{told.plan_id}", data)


def news_of_revision(told: PlanRevised) -> News:
    """Some codes have another answer than before."""
    data = {
        "case_id": told.case_id,
        "plan_id": told.plan_id,
        "revision_id": told.revision_id,
        "version": told.revision,
        "link": _plans(told.case_id),
    }
    return news_of(told, EventType.PLAN_REVISED, told.revision_id, f"plan/{told.plan_id}", data)


def news_of_move(told: ReferralMoved) -> News:
    """A referral changed its status."""
    data = {
        "case_id": told.case_id,
        "referral_id": told.referral_id,
        "code": told.code,
        "status": told.status,
        "version": told.version,
        **present(reason=told.reason, outcome=told.outcome),
        "link": f"/livelihood-support/v1/referrals/{told.referral_id}",
    }
    moved = EventType.REFERRAL_MOVED
    return news_of_referral(told, moved, told.move_id, told.referral_id, data)


def news_of_alert(told: AnAlert) -> News:
    """The exchange cannot settle something by itself, and the case owner must act."""
    # What intake and verification alert of is the case as a whole, and no need in it.
    code, referral_id = (
        (told.code, told.referral_id) if isinstance(told, AlertRaised) else (None, None)
    )
    data = {
        "case_id": told.case_id,
        "alert_id": told.alert_id,
        "kind": told.kind,
        **present(code=code),
        "must_act": told.must_act,
        "since": written_minute(told.raised_at),
        **present(referral_id=referral_id),
        "link": f"/{told.source.replace('_', '-')}/v1/alerts?case_id={told.case_id}",
    }
    subject = f"alert/{told.alert_id}"
    news = news_of(told, EventType.ALERT_RAISED, told.alert_id, subject, data)
    return replace(news, referral_id=referral_id)


def with_owners(events: Sequence[Event], owners: Sequence[Event]) -> list[Event]:
    """All events in the order in which one that repeats another is left out.

    Whoever is asked learns first what it has to do, then owners, and then those who only follow the
    case: an agency that owns it is told once, as its owner.
    """
    following = [event for event in events if "case_id" in event.data]
    asked = [event for event in events if "case_id" not in event.data]
    return [*asked, *owners, *following]


def _verification(
    told: AVerification,
    kind: EventType,
    facts: Mapping[str, Any],
) -> News:
    data = {"verification_id": told.verification_id, "case_id": told.case_id, **facts}
    cause = told.move_id or caused_at(told.verification_id, told.occurred_at)
    return news_of(told, kind, cause, f"verification/{told.verification_id}", data)


def _plans(case_id: UUID) -> str:
    return f"/livelihood-support/v1/plans?case_id={case_id}"
