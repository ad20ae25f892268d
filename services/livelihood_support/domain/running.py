"""Whose clocks there are to read: of the organisation that was asked, and of the case's owner.

An organisation reads its clocks under the ids of its offers, and no case, as its duties (ADR 0020).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.orm import Session

from services.livelihood_support.domain.duties import DUTIES
from services.livelihood_support.domain.owning import owned_by
from services.livelihood_support.domain.reach import asked, owned
from services.livelihood_support.models import CaseFile, Offer, Referral
from shared.access import Permission
from shared.duties import About
from shared.duties.running import Running, in_reach
from shared.kit.subjects import Subject

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


RUNNING = Running((_of_organisations, _offers_of_owners, _referrals_of_owners), DUTIES.sources)
