"""What may be read, and by whom. An organisation sees what it is asked, and nothing before that.

What an organisation reads of a referral is its own offer: under the offer's id, from the moment of
the offer, to the minute, and never the case. So two that were asked about one person, side by side
or one after the other, hold nothing they could compare (ADR 0020).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from services.livelihood_support.domain.former import Standing, is_readable, standing_of
from services.livelihood_support.errors import ReferralNotFound
from services.livelihood_support.models import (
    CaseFile,
    Offer,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import OPEN_OFFERS, OfferStatus
from shared.contracts.vocabulary import ReferralStatus, Role
from shared.kit.clock import minute_of
from shared.kit.subjects import Subject

OTHERS_MOVES = frozenset(
    {ReferralStatus.REQUESTED, ReferralStatus.CANCELLED, ReferralStatus.ENTERED_IN_ERROR},
)
"""Statuses an organisation asked never brings about itself."""
EXCHANGE = "exchange"
"""Who made such a move, as far as the organisation asked is told."""


@dataclass(frozen=True)
class ReferralView:
    """A referral as one subject may see it."""

    id: UUID
    """The referral's for a case owner, the offer's for the organisation asked."""
    case_id: UUID | None
    """For case owners only: two organisations would find out that they serve one person."""
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
class MoveView:
    """A step of a referral as one subject may see it."""

    id: UUID
    referral_id: UUID
    offer_id: UUID | None
    actor: str
    from_status: str | None
    to_status: str
    reason: str | None
    outcome: str | None
    at: datetime
    version: int


def _visible(subject: Subject) -> Select[Referral, CaseFile, Offer]:
    """With the present offer; an organisation sees its own, that which failed as well."""
    query = select(Referral, CaseFile, Offer).join(CaseFile, CaseFile.case_id == Referral.case_id)
    of_referral = Offer.referral_id == Referral.id
    if subject.holds(Role.CASE_OWNER):
        return query.outerjoin(Offer, and_(of_referral, Offer.is_current))
    is_theirs = Offer.organisation_id == subject.organisation_id
    return query.join(Offer, and_(of_referral, is_theirs, is_readable()))


def _view(
    session: Session,
    subject: Subject,
    row: Row[Referral, CaseFile, Offer | None],
) -> ReferralView:
    referral, case, offer = row
    if offer is not None and not subject.holds(Role.CASE_OWNER):
        return _own_view(referral, case, offer, standing_of(session, referral, offer))
    return ReferralView(
        id=referral.id,
        case_id=case.case_id,
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
        answer_by=_answer_by(offer),
        version=referral.version,
        opened_at=referral.opened_at,
        moved_at=referral.moved_at,
        purge_asked_at=offer.purge_asked_at if offer else None,
        purge_confirmed_at=offer.purge_confirmed_at if offer else None,
    )


def _own_view(
    referral: Referral,
    case: CaseFile,
    offer: Offer,
    stands: Standing,
) -> ReferralView:
    """What the organisation asked reads: for it the referral began when it was asked.

    If it failed, that is how the referral ended, whatever became of it.
    """
    return ReferralView(
        id=offer.id,
        case_id=None,
        code=referral.code,
        status=stands.status,
        outcome=referral.outcome if offer.is_current else None,
        area_code=case.area_code,
        age_band=case.age_band,
        sex=case.sex,
        offer_id=offer.id,
        programme_id=offer.programme_id,
        organisation_id=offer.organisation_id,
        offered_at=minute_of(offer.offered_at),
        answer_by=_answer_by(offer),
        version=stands.version,
        opened_at=minute_of(offer.offered_at),
        moved_at=minute_of(stands.moved_at),
        purge_asked_at=_minute(offer.purge_asked_at),
        purge_confirmed_at=_minute(offer.purge_confirmed_at),
    )


def _answer_by(offer: Offer | None) -> datetime | None:
    """The end of a day, the same for all who were asked on one day."""
    return offer.expires_at if offer and offer.status == OfferStatus.OFFERED else None


def _minute(instant: datetime | None) -> datetime | None:
    return None if instant is None else minute_of(instant)


def is_called(reference: UUID) -> ColumnElement[bool]:
    """The referral of this id, or the one an organisation knows by the id of its offer.

    Organisations told before there were references know the referral's own id, and may use it.
    """
    offered = select(Offer.referral_id).where(Offer.id == reference, is_readable())
    return Referral.id.in_(union_all(select(literal(reference)), offered))


def find_referral(session: Session, *, referral_id: UUID, subject: Subject) -> ReferralView:
    """One referral; not found for whoever is neither asked nor a case owner."""
    return _view(session, subject, _found(session, referral_id, subject))


def _found(
    session: Session,
    referral_id: UUID,
    subject: Subject,
) -> Row[Referral, CaseFile, Offer | None]:
    # By the referral's own id the present offer is meant, or else the one that failed last.
    is_meant = (Offer.id == referral_id).desc().nulls_last()
    in_turn = (is_meant, Offer.is_current.desc().nulls_last(), Offer.ended_at.desc())
    query = _visible(subject).where(is_called(referral_id)).order_by(*in_turn).limit(1)
    row = session.execute(query).one_or_none()
    if row is None:
        raise ReferralNotFound
    return row


def find_referrals(
    session: Session,
    *,
    subject: Subject,
    case_id: UUID | None,
    status: ReferralStatus | None,
    after: UUID | None,
    size: int,
) -> list[ReferralView]:
    """Referrals in the order they were opened; an organisation's own are the open ones.

    An organisation finds none by a case, for it knows none.
    """
    if not subject.holds(Role.CASE_OWNER):
        if case_id is not None:
            return []
        query = _own(subject, after).limit(size)
    else:
        query = _visible(subject).order_by(Referral.id).limit(size)
        if case_id is not None:
            query = query.where(Referral.case_id == case_id)
        if after is not None:
            query = query.where(Referral.id > after)
    if status is not None:
        query = query.where(Referral.status == status)
    return [_view(session, subject, row) for row in session.execute(query)]


def _own(subject: Subject, after: UUID | None) -> Select[Referral, CaseFile, Offer]:
    """The open offers of an organisation as they came; a reference says nothing of the order."""
    came = (Offer.offered_at, Offer.id)
    # An open offer is current; said as well, so that the index of the inbox serves.
    is_open = Offer.is_current & Offer.status.in_(OPEN_OFFERS)
    query = _visible(subject).where(is_open).order_by(*came)
    if after is None:
        return query
    # After another organisation's offer, as after one that does not exist, comes nothing.
    last = select(*came).where(Offer.id == after, Offer.organisation_id == subject.organisation_id)
    return query.where(tuple_(*came) > last.scalar_subquery())


def find_moves(
    session: Session,
    *,
    referral_id: UUID,
    subject: Subject,
    after: UUID | None,
    size: int,
) -> list[MoveView]:
    """The moves of a referral; an organisation sees those of its own offer only."""
    referral, _, offer = _found(session, referral_id, subject)
    made = (ReferralMove.version, ReferralMove.at, ReferralMove.id)
    query = (
        select(ReferralMove)
        .where(ReferralMove.referral_id == referral.id)
        .order_by(*made)
        .limit(size)
    )
    if offer is not None and not subject.holds(Role.CASE_OWNER):
        query = query.where(ReferralMove.offer_id == offer.id)
    if after is not None:
        last = select(*made).where(
            ReferralMove.id == after, ReferralMove.referral_id == referral.id
        )
        query = query.where(tuple_(*made) > last.scalar_subquery())
    return [view_of_move(move, subject) for move in session.scalars(query)]


def view_of_move(move: ReferralMove, subject: Subject) -> MoveView:
    """A move as one subject may see it."""
    seen = MoveView(
        id=move.id,
        referral_id=move.referral_id,
        offer_id=move.offer_id,
        actor=move.actor,
        from_status=move.from_status,
        to_status=move.to_status,
        reason=move.reason,
        outcome=move.outcome,
        at=move.at,
        version=move.version,
    )
    if subject.holds(Role.CASE_OWNER) or move.offer_id is None:
        return seen
    seen = replace(seen, referral_id=move.offer_id, at=minute_of(move.at))
    if move.from_status != move.to_status and move.to_status in OTHERS_MOVES:
        # Whose move it was, and from where, is how somebody else answered.
        is_first = move.to_status == ReferralStatus.REQUESTED
        return replace(seen, actor=EXCHANGE, from_status=None if is_first else move.from_status)
    return seen


def find_offers(session: Session, *, referral_id: UUID, subject: Subject) -> Sequence[Offer]:
    """Every programme asked for a referral, in order; for case owners only."""
    if not subject.holds(Role.CASE_OWNER):
        raise ReferralNotFound
    referral, _, _ = _found(session, referral_id, subject)
    return session.scalars(
        select(Offer).where(Offer.referral_id == referral.id).order_by(offered_in_turn()),
    ).all()


def offered_in_turn() -> ColumnElement[int]:
    """For each offer the version that its first move made: the order of the offers."""
    asked = select(func.min(ReferralMove.version)).where(
        ReferralMove.referral_id == Offer.referral_id, ReferralMove.offer_id == Offer.id
    )
    return asked.scalar_subquery()
