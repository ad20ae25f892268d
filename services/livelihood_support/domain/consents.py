"""Consent decides who may be asked: withdrawing it recalls offers, giving it allows new offers.

Who has accepted may hold an identity, so a withdrawal also asks it to purge.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row, settle_alerts
from services.livelihood_support.domain.former import is_readable
from services.livelihood_support.domain.lapses import RECALLED, pass_on
from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.placement import place_again
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.domain.purges import ask_purges
from services.livelihood_support.models import Alert, AlertKind, Consent, Offer, Referral
from services.livelihood_support.policy import OPEN_OFFERS, OfferStatus
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    Purpose,
    ReferralStatus,
)
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows


def give_consent(
    session: Session,
    *,
    case_id: UUID,
    kind: OrganisationKind,
    purpose: Purpose,
    now: datetime,
    actor: str,
) -> None:
    """Note a consent and try again what had nobody left to ask."""
    cases = lock_cases(session, [case_id])
    _note(session, case_id, kind, purpose, is_live=True, now=now)
    if purpose is not Purpose.SERVICE_REFERRAL:
        return
    theirs = [referral.id for referral, _ in _with(session, case_id, kind)]
    settle_alerts(session, theirs, [AlertKind.CONSENT_WITHDRAWN], now=now)
    waiting = session.scalars(
        select(Referral)
        .where(Referral.case_id == case_id, Referral.status == ReferralStatus.UNPLACED)
        .order_by(Referral.id)
        .execution_options(populate_existing=True),
    ).all()
    if waiting:
        places = lock_places(session, codes={referral.code for referral in waiting})
        place_again(session, waiting, cases=cases, places=places, actor=actor, now=now)


def withdraw_consent(
    session: Session,
    *,
    case_id: UUID,
    kind: OrganisationKind,
    purpose: Purpose,
    now: datetime,
    actor: str,
) -> None:
    """Note a withdrawal, recall open offers to that kind and ask others the person agreed to.

    Every organisation of the kind that has accepted is told to purge, also after its service has
    ended. What it still serves goes on, under an alert: whether to end it, the case owner and
    the person decide.
    """
    cases = lock_cases(session, [case_id])
    _note(session, case_id, kind, purpose, is_live=False, now=now)
    if purpose is not Purpose.SERVICE_REFERRAL:
        return
    theirs = _with(session, case_id, kind)
    unanswered = [pair for pair in theirs if pair[1].status == OfferStatus.OFFERED]
    accepted = [pair for pair in theirs if pair[1].accepted_at is not None]
    if unanswered:
        pass_on(session, unanswered, RECALLED, cases=cases, actor=actor, now=now)
    insert_rows(
        session,
        Alert,
        [
            alert_row(
                kind=AlertKind.CONSENT_WITHDRAWN,
                case_id=case_id,
                code=EntitlementCode(referral.code),
                now=now,
                referral_id=referral.id,
                facts={"organisation_kind": kind},
            )
            for referral, offer in accepted
            if offer.status in OPEN_OFFERS
        ],
        conflict=ON_CONFLICT_DO_NOTHING,
    )
    ask_purges(session, accepted, actor=actor, now=now)


def _note(
    session: Session,
    case_id: UUID,
    kind: OrganisationKind,
    purpose: Purpose,
    *,
    is_live: bool,
    now: datetime,
) -> None:
    key = {"case_id": case_id, "organisation_kind": kind, "purpose": purpose}
    state = {"is_live": is_live, "changed_at": now}
    session.execute(
        insert(Consent)
        .values({**key, **state})
        .on_conflict_do_update(index_elements=list(key), set_=state),
    )


def _with(
    session: Session,
    case_id: UUID,
    kind: OrganisationKind,
) -> list[tuple[Referral, Offer]]:
    """The referrals of a case that organisations of a kind are asked for, or have accepted.

    With the offer of each: one that failed as well, for its organisation was told who it is about.
    """
    rows = session.execute(
        select(Referral, Offer)
        .join(Offer, Offer.referral_id == Referral.id)
        .where(
            Referral.case_id == case_id,
            is_readable(),
            Offer.status.in_(OPEN_OFFERS) | Offer.accepted_at.is_not(None),
            Offer.organisation_kind == kind,
        )
        .order_by(Referral.id, Offer.is_current, Offer.ended_at, Offer.id)
        .execution_options(populate_existing=True),
    )
    return [(referral, offer) for referral, offer in rows]
