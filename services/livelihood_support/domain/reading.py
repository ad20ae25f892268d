"""What may be read, and by whom. An organisation sees what it is asked, and nothing before that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from services.livelihood_support.errors import ReferralNotFound
from services.livelihood_support.models import (
    Alert,
    CaseFile,
    Entitlement,
    Offer,
    Plan,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import OPEN_OFFERS, OfferStatus, Reader
from shared.contracts.vocabulary import ReferralStatus


@dataclass(frozen=True)
class ReferralView:
    """A referral as one reader may see it."""

    id: UUID
    case_id: UUID | None
    """Hidden from an organisation until it has accepted, so that two cannot compare persons."""
    code: str
    status: str
    outcome: str | None
    area_code: str
    age_band: str
    sex: str
    offer_id: UUID | None
    programme_id: UUID | None
    organisation_id: UUID | None
    offered_at: datetime | None
    answer_by: datetime | None
    version: int
    opened_at: datetime
    moved_at: datetime
    purge_asked_at: datetime | None
    purge_confirmed_at: datetime | None


@dataclass(frozen=True)
class PlanView:
    """A plan with the answer for every code."""

    id: UUID
    case_id: UUID
    regime: str
    category: str
    opened_at: datetime
    entitlements: Sequence[Entitlement]


def _visible(reader: Reader) -> Select[Referral, CaseFile, Offer]:
    query = (
        select(Referral, CaseFile, Offer)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .outerjoin(Offer, and_(Offer.referral_id == Referral.id, Offer.is_current))
    )
    if reader.is_case_owner:
        return query
    return query.where(Offer.organisation_id == reader.organisation_id)


def _view(reader: Reader, row: Row[Referral, CaseFile, Offer | None]) -> ReferralView:
    referral, case, offer = row
    is_known = reader.is_case_owner or (offer is not None and offer.accepted_at is not None)
    return ReferralView(
        id=referral.id,
        case_id=case.case_id if is_known else None,
        code=referral.code,
        status=referral.status,
        outcome=referral.outcome,
        area_code=case.area_code,
        age_band=case.age_band,
        sex=case.sex,
        offer_id=offer.id if offer else None,
        programme_id=offer.programme_id if offer else None,
        organisation_id=offer.organisation_id if offer else None,
        offered_at=offer.offered_at if offer else None,
        answer_by=offer.expires_at if offer and offer.status == OfferStatus.OFFERED else None,
        version=referral.version,
        opened_at=referral.opened_at,
        moved_at=referral.moved_at,
        purge_asked_at=offer.purge_asked_at if offer else None,
        purge_confirmed_at=offer.purge_confirmed_at if offer else None,
    )


def find_referral(session: Session, *, referral_id: UUID, reader: Reader) -> ReferralView:
    """One referral; not found for whoever is neither asked nor a case owner."""
    row = session.execute(_visible(reader).where(Referral.id == referral_id)).one_or_none()
    if row is None:
        raise ReferralNotFound
    return _view(reader, row)


def find_referrals(
    session: Session,
    *,
    reader: Reader,
    case_id: UUID | None,
    status: ReferralStatus | None,
    after: UUID | None,
    size: int,
) -> list[ReferralView]:
    """Referrals in the order they were opened; an organisation's own are the open ones."""
    query = _visible(reader).order_by(Referral.id).limit(size)
    if not reader.is_case_owner:
        query = query.where(Offer.status.in_(OPEN_OFFERS))
        if case_id is not None:
            query = query.where(Offer.accepted_at.is_not(None))
    if case_id is not None:
        query = query.where(Referral.case_id == case_id)
    if status is not None:
        query = query.where(Referral.status == status)
    if after is not None:
        query = query.where(Referral.id > after)
    return [_view(reader, row) for row in session.execute(query)]


def find_moves(
    session: Session,
    *,
    referral_id: UUID,
    reader: Reader,
    after: UUID | None,
    size: int,
) -> Sequence[ReferralMove]:
    """The moves of a referral; an organisation sees those of its own offer only."""
    view = find_referral(session, referral_id=referral_id, reader=reader)
    query = (
        select(ReferralMove)
        .where(ReferralMove.referral_id == referral_id)
        .order_by(ReferralMove.id)
        .limit(size)
    )
    if not reader.is_case_owner:
        query = query.where(ReferralMove.offer_id == view.offer_id)
    if after is not None:
        query = query.where(ReferralMove.id > after)
    return session.scalars(query).all()


def find_offers(session: Session, *, referral_id: UUID, reader: Reader) -> Sequence[Offer]:
    """Every programme asked for a referral, in order; for case owners only."""
    find_referral(session, referral_id=referral_id, reader=reader)
    if not reader.is_case_owner:
        raise ReferralNotFound
    return session.scalars(
        select(Offer).where(Offer.referral_id == referral_id).order_by(Offer.id),
    ).all()


def find_plans(session: Session, *, case_id: UUID) -> list[PlanView]:
    """The plan of a case, if it has one, with every entitlement and the text it rests on."""
    plans = session.scalars(select(Plan).where(Plan.case_id == case_id).order_by(Plan.id)).all()
    return [
        PlanView(
            id=plan.id,
            case_id=plan.case_id,
            regime=plan.regime,
            category=plan.category,
            opened_at=plan.opened_at,
            entitlements=session.scalars(
                select(Entitlement)
                .where(Entitlement.plan_id == plan.id)
                .order_by(Entitlement.code),
            ).all(),
        )
        for plan in plans
    ]


def find_alerts(
    session: Session,
    *,
    case_id: UUID | None,
    after: UUID | None,
    size: int,
) -> Sequence[Alert]:
    """Open alerts in the order they were raised."""
    query = select(Alert).where(Alert.settled_at.is_(None)).order_by(Alert.id).limit(size)
    if case_id is not None:
        query = query.where(Alert.case_id == case_id)
    if after is not None:
        query = query.where(Alert.id > after)
    return session.scalars(query).all()
