"""Whose clocks there are to read: of the organisation that was asked, and of the case's owner.

An organisation reads its clocks under the ids of its offers, and no case, as its duties (ADR 0020).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.duties import DUTIES
from services.livelihood_support.domain.owning import owned_by
from services.livelihood_support.domain.periods import delivery_period
from services.livelihood_support.domain.reach import PLACE, asked, owned
from services.livelihood_support.models import CaseFile, Offer, Referral
from services.livelihood_support.policy import OfferStatus
from shared import clocks
from shared.access import Permission
from shared.clocks import Beginning, Clock
from shared.duties import About
from shared.duties.running import Beside, Running, in_reach
from shared.kit.arrays import among
from shared.kit.subjects import Subject
from shared.law import Rules
from shared.places.holders import Place
from shared.rulebook import rules_of

_CASE = About(CaseFile.case_id, CaseFile.code)


def _of_organisations(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    return (
        in_reach(
            subject="offer",
            object_id=Offer.id,
            code=Referral.code,
            link=func.concat("referrals/", Offer.id),
        )
        .join_from(Offer, Referral, Referral.id == Offer.referral_id)
        .where(asked(subject, Permission.REFERRAL_MOVE))
    )


def _offers_of_owners(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    return _owned(session, subject, now, "offer", Offer.id)


def _referrals_of_owners(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    return _owned(session, subject, now, "referral", Referral.id).where(Offer.is_current)


def _owned(
    session: Session, subject: Subject, now: datetime, kind: str, object_id: Any
) -> Select[Any]:
    """What is of cases that the subject's organisation owns today."""
    is_reached = owned(subject, Permission.REFERRAL_READ, now)
    return (
        in_reach(
            subject=kind,
            object_id=object_id,
            about=_CASE,
            code=Referral.code,
            link=func.concat("referrals/", Referral.id),
        )
        .join_from(Referral, Offer, Offer.referral_id == Referral.id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .where(and_(is_reached, owned_by(session, subject.organisation_id, now)))
    )


def _on_their_way(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Offers that have not arrived: at the end of that time the next programme is asked.

    Nobody has to act before, so whoever owns the case alone sees the day.
    """
    has_not_come = and_(Offer.delivered_at.is_(None), Offer.seen_at.is_(None))
    return (
        _owned(session, subject, now, "offer", Offer.id)
        .add_columns(Offer.delivery_due_at.label("due_at"))
        .where(Offer.status == OfferStatus.OFFERED, has_not_come)
    )


def _shown(session: Session, offer_ids: Collection[UUID]) -> Mapping[UUID, Clock]:
    rules = rules_of(session)
    rows: Sequence[Any] = session.execute(
        select(
            Offer.id,
            Offer.offered_at,
            Offer.delivery_due_at,
            Referral.case_id,
            CaseFile.area_code,
            PLACE.told_on.label("area_on"),
        )
        .join(Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .where(among(Offer.id, offer_ids))
    ).all()
    return {row.id: _clock(rules, row) for row in rows}


def _clock(rules: Rules, row: Any) -> Clock:
    period = delivery_period(rules, row.offered_at)
    place = Place(row.area_code, row.area_on)
    beginning = Beginning("offer", row.id, row.id, row.offered_at, row.case_id, place)
    clock = clocks.begun(rules, period, beginning)
    return replace(clock, id=row.id, due_at=row.delivery_due_at)


RUNNING = Running(
    (_of_organisations, _offers_of_owners, _referrals_of_owners),
    DUTIES.sources,
    (Beside(_on_their_way, _shown),),
)
