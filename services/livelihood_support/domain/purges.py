"""Consent was withdrawn, or a need ended: whoever may hold an identity deletes it, and confirms it.

A purge that nobody confirms, and one whose notice did not arrive, is an alert for a case owner: it
names the organisation that owes it, since when, and whose case it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, cast, exists, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import OWED, alert_row, settle_alerts
from services.livelihood_support.domain.former import standing_of
from services.livelihood_support.domain.locks import lock_cases, lock_free_cases
from services.livelihood_support.domain.waiting import PURGES
from services.livelihood_support.models import Alert, AlertKind, CaseFile, Offer, Referral
from services.livelihood_support.policy import PURGE_BEGAN
from shared import clocks
from shared.contracts import PurgeRequested
from shared.contracts.vocabulary import DeliveryOutcome, EntitlementCode, ReasonCode
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.kit.identifiers import reference_of
from shared.messaging import outbox
from shared.messaging.sweeps import each_alone, resting

BATCH = 64
SWEEP = "alert_owed_purges"


@dataclass(frozen=True)
class NoticeFacts:
    """How the notice of one purge ended."""

    case_id: UUID
    offer_id: UUID
    purge_id: UUID
    outcome: DeliveryOutcome


def ask_purges(
    session: Session,
    accepted: Sequence[tuple[Referral, Offer]],
    *,
    reason: ReasonCode | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Ask the organisations of these accepted offers to delete what they were told.

    The reason is that consent was withdrawn, unless another is given.
    """
    for referral, offer in accepted:
        # The next after the last: a restored database that does this again asks under the same id.
        purge_id = reference_of(offer.id, "purge", offer.purge_id)
        note_purge(session, referral, offer, purge_id=purge_id, actor=actor, now=now)
        stands = standing_of(session, referral, offer)
        outbox.add(
            session,
            PurgeRequested(
                occurred_at=now,
                case_id=referral.case_id,
                referral_id=referral.id,
                offer_id=offer.id,
                organisation_id=offer.organisation_id,
                code=EntitlementCode(referral.code),
                status=stands.status,
                version=stands.version,
                purge_id=purge_id,
                reason=reason,
            ),
        )


def ask_whoever_was_told(
    session: Session,
    referral: Referral,
    reason: ReasonCode | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Nobody serves this need any more: whoever was told who it is about has to delete that.

    Asked once, it still owes what it has not confirmed. What it confirmed while it served says
    nothing of what it could read after that, for consent may have been given again. Why the need
    ended is only told to whoever served it last: one that failed before learns nothing of that.
    """
    told = session.scalars(
        select(Offer)
        .where(
            Offer.referral_id == referral.id,
            Offer.accepted_at.is_not(None),
            Offer.purge_asked_at.is_(None) | (Offer.purge_confirmed_at <= Offer.ended_at),
        )
        .order_by(Offer.accepted_at, Offer.id),
    ).all()
    for offer in told:
        its_reason = reason if offer.is_current else ReasonCode.OTHER
        ask_purges(session, [(referral, offer)], reason=its_reason, actor=actor, now=now)


def note_purge(
    session: Session,
    referral: Referral,
    offer: Offer,
    *,
    purge_id: UUID,
    actor: str,
    now: datetime,
) -> None:
    """Store that a purge is owed from now on; an earlier confirmation was of an earlier purge."""
    offer.purge_id = purge_id
    offer.purge_asked_at = now
    offer.purge_confirmed_at = None
    session.flush()
    _run_anew(session, offer, now)
    settle_alerts(session, [referral.id], OWED, now=now, offer_id=offer.id)
    audit.record(
        session,
        actor=actor,
        action="referral.purge_asked",
        object_id=referral.id,
        now=now,
        offer_id=str(offer.id),
        organisation_id=str(offer.organisation_id),
        purge_id=str(purge_id),
    )


def _run_anew(session: Session, offer: Offer, now: datetime) -> None:
    """What is asked for again has a time of its own, and the former one is over."""
    former = clocks.find_locked(session, PURGE_BEGAN, offer.id)
    if former is not None and former.ended_at is None and former.started_at != now:
        clocks.keep(session, clocks.ended(former, now))
    clocks.begin(session, PURGES, [offer.id])


def note_purge_notices(
    session: Session,
    *,
    notices: Sequence[NoticeFacts],
    now: datetime,
) -> None:
    """A notice that did not arrive is an alert until it does, or the purge is confirmed.

    A notice of an earlier request than the last changes nothing.
    """
    lock_cases(session, {each.case_id for each in notices})
    outcomes = {each.purge_id: each.outcome for each in notices}
    offer_ids = [each.offer_id for each in notices]
    owed = session.execute(
        _owed().where(among(Offer.id, offer_ids), among(Offer.purge_id, outcomes)),
    ).all()
    arrived = [row for row in owed if outcomes[row.purge_id] is DeliveryOutcome.DELIVERED]
    undelivered = [AlertKind.PURGE_UNDELIVERED]
    for row in arrived:
        settle_alerts(session, [row.referral_id], undelivered, now=now, offer_id=row.offer_id)
    failed = [row for row in owed if row not in arrived]
    _raise_alerts(session, AlertKind.PURGE_UNDELIVERED, failed, now)


def alert_owed_purges(session: Session, now: datetime) -> int:
    """Alert of purges nobody confirmed in time; returns how many."""
    is_told = exists().where(
        Alert.referral_id == Referral.id,
        Alert.kind == AlertKind.PURGE_UNCONFIRMED,
        Alert.settled_at.is_(None),
        Alert.facts["offer_id"].astext == cast(Offer.id, String),
    )
    due = session.execute(
        _owed()
        .where(Offer.purge_due_at <= now, ~is_told, Offer.id.not_in(resting(SWEEP)))
        .order_by(Offer.purge_due_at, Offer.id)
        .limit(BATCH),
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    rows = [row for row in due if row.case_id in cases]

    def act(some: Sequence[Any]) -> None:
        _alert_unconfirmed(session, {row.offer_id for row in some}, now)

    return each_alone(session, SWEEP, rows, act, key=lambda row: row.offer_id, now=now)


def _alert_unconfirmed(session: Session, offer_ids: Collection[UUID], now: datetime) -> None:
    """Read again under the locks of the cases: it may have been confirmed, or asked for again."""
    owed = session.execute(
        _owed().where(among(Offer.id, offer_ids), Offer.purge_due_at <= now),
    ).all()
    _raise_alerts(session, AlertKind.PURGE_UNCONFIRMED, owed, now)
    for row in owed:
        audit.record(
            session,
            actor=f"sweep:{SWEEP}",
            action="referral.purge_overdue",
            object_id=row.referral_id,
            now=now,
            offer_id=str(row.offer_id),
            organisation_id=str(row.organisation_id),
        )


def _owed() -> Select[UUID, UUID, UUID | None, datetime | None, UUID, UUID, str, UUID]:
    """Purges that were asked for and not confirmed."""
    return (
        select(
            Offer.id.label("offer_id"),
            Offer.organisation_id,
            Offer.purge_id,
            Offer.purge_asked_at,
            Referral.id.label("referral_id"),
            Referral.case_id,
            Referral.code,
            CaseFile.receiver_id,
        )
        .join(Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .where(Offer.purge_asked_at.is_not(None), Offer.purge_confirmed_at.is_(None))
    )


def _raise_alerts(session: Session, kind: AlertKind, owed: Sequence[Any], now: datetime) -> None:
    insert_rows(
        session,
        Alert,
        [
            alert_row(
                kind=kind,
                case_id=row.case_id,
                code=EntitlementCode(row.code),
                now=now,
                referral_id=row.referral_id,
                facts=_explained(row),
            )
            for row in owed
        ],
        conflict=ON_CONFLICT_DO_NOTHING,
    )


def _explained(row: Any) -> Mapping[str, str]:
    """Who owes it, since when, and the organisation whose case it is, which has to ask."""
    return {
        "offer_id": str(row.offer_id),
        "organisation_id": str(row.organisation_id),
        "asked_at": row.purge_asked_at.isoformat(),
        "owner_id": str(row.receiver_id),
    }
