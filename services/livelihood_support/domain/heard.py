"""The alerts that belong to steps heard of: those they ended, and those still open after them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import (
    ANSWERED,
    OF_THE_OFFER,
    OF_THE_REFERRAL,
    alert_row,
    settle_alerts,
    settle_unanswered,
)
from services.livelihood_support.domain.lapses import offer_row
from services.livelihood_support.domain.questions import overtake_questions
from services.livelihood_support.domain.steps import MoveRow
from services.livelihood_support.models import (
    SETTLED_REFERRALS,
    Alert,
    AlertKind,
    Offer,
    Referral,
)
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, ReferralStatus
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows

Step = tuple[Referral, Offer | None, MoveRow]
"""A step that was taken: of which referral, the offer it is about, and its row."""

LAPSES = (ReferralStatus.REJECTED, ReferralStatus.FAILED, ReferralStatus.CANCELLED)
"""Statuses that end the offer they are about."""
SETTLES: Mapping[ReferralStatus, Collection[AlertKind]] = MappingProxyType(
    {
        ReferralStatus.REQUESTED: (AlertKind.NO_PROGRAMME,),
        ReferralStatus.ACCEPTED: ANSWERED,
        **dict.fromkeys(LAPSES, (*OF_THE_OFFER, AlertKind.CONSENT_WITHDRAWN)),
    },
)
"""What a step to a status is the end of, whether or not the referral goes on."""


def keep_alerts(session: Session, steps: Sequence[Step], *, now: datetime) -> None:
    """Settle what these steps have ended, and raise what the case owner still has to know."""
    last = {referral.id: row for referral, _, row in steps}
    ended = [id_ for id_, row in last.items() if row["to_status"] in SETTLED_REFERRALS]
    settle_alerts(session, ended, OF_THE_REFERRAL, now=now)
    for status, kinds in SETTLES.items():
        ids = {referral.id for referral, _, row in steps if row["to_status"] is status}
        settle_alerts(session, ids, kinds, now=now)
    lapsed = [it for _, it, row in steps if it is not None and row["to_status"] in LAPSES]
    settle_unanswered(session, lapsed, now=now)
    answered = [it for _, it, row in steps if it and row["to_status"] is ReferralStatus.ACCEPTED]
    overtake_questions(session, {it.id for it in (*lapsed, *answered)}, now=now)
    waiting: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for referral, offer, row in steps:
        is_last = row is last[referral.id]
        if row["to_status"] is ReferralStatus.ACCEPTED or referral.id in ended:
            waiting[referral.id].clear()
        elif is_last and row["to_status"] is ReferralStatus.UNPLACED:
            waiting[referral.id].append(_unplaced(referral, now))
        elif offer is not None and (kind := _passed_on(offer, row)):
            waiting[referral.id].append(offer_row(referral, offer, kind, now=now))
    rows = [row for each in waiting.values() for row in each]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)


def _passed_on(offer: Offer, row: MoveRow) -> AlertKind | None:
    """What the case owner is told of an offer that ended before the next was made."""
    if row["to_status"] is ReferralStatus.FAILED:
        return AlertKind.SERVICE_FAILED
    # What arrived after it was taken back needs nobody to ask why it did not.
    if row["reason"] is ReasonCode.UNDELIVERED and offer.delivered_at is None:
        return AlertKind.OFFER_UNDELIVERED
    return AlertKind.OFFER_UNANSWERED if row["reason"] is ReasonCode.NO_ANSWER else None


def _unplaced(referral: Referral, now: datetime) -> dict[str, Any]:
    return alert_row(
        kind=AlertKind.NO_PROGRAMME,
        case_id=referral.case_id,
        code=EntitlementCode(referral.code),
        now=now,
        referral_id=referral.id,
    )
