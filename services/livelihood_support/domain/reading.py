"""What may be read, and by whom. An organisation sees what it is asked, and nothing before that.

What an organisation reads of a referral is its own offer: under the offer's id, from the moment of
the offer, to the minute, and never the case. So two that were asked about one person, side by side
or one after the other, hold nothing they could compare (ADR 0020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, undefer

from services.livelihood_support.domain.former import Standing, is_readable, standing_of
from services.livelihood_support.domain.owning import Owners, owners_of
from services.livelihood_support.domain.questions import (
    Asked,
    QuestionView,
    open_among,
    questions_of,
    view_of_question,
)
from services.livelihood_support.domain.reach import asked, moves_of, owned
from services.livelihood_support.errors import ReferralNotFound
from services.livelihood_support.models import (
    CaseFile,
    Offer,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import (
    OPEN_OFFERS,
    Move,
    OfferStatus,
    Party,
    Possible,
    possible_moves,
)
from shared.access import Permission, visible
from shared.contracts.vocabulary import ReferralStatus, Role
from shared.kit.clock import minute_of
from shared.kit.subjects import Subject

Shown = Select[Referral, CaseFile, Offer, bool]
"""Rows to show, each with whether its case is reached."""


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
    confirmed_at: datetime | None
    """For case owners only."""
    can: Sequence[Possible]
    """What the subject may do now."""
    questions: Sequence[QuestionView]
    """What was asked about the present offer, or one's own."""


@dataclass(frozen=True)
class Asker:
    """Who reads, what they want to, and when: what is shown of a referral follows from it."""

    session: Session
    subject: Subject
    permission: Permission
    now: datetime

    @property
    def owns_cases(self) -> bool:
        """Whether they reach cases at all."""
        return visible(self.subject, self.permission, through=Role.CASE_OWNER).is_over_areas

    @property
    def owned(self) -> ColumnElement[bool]:
        """Whether they reach the case, and so all of its referrals."""
        return owned(self.subject, self.permission, self.now)

    @property
    def asked(self) -> ColumnElement[bool]:
        """Whether they reach an offer, if not its case, and read it still."""
        return and_(not_(self.owned), asked(self.subject, self.permission), is_readable())

    @cached_property
    def owners(self) -> Owners:
        """Who may own cases today."""
        return owners_of(self.session, self.now)

    def parties(self, case: CaseFile, offer: Offer | None, *, is_owned: bool) -> set[Party]:
        """As whom they may move a referral: of several that reach its case one owns it."""
        serves = visible(self.subject, Permission.REFERRAL_MOVE, through=Role.PROVIDER).scopes
        us = self.subject.organisation_id
        is_asked = offer is not None and bool(serves) and offer.organisation_id == us
        owns = is_owned and self.owners.own(case, us)
        spoken = {Party.TARGET: is_asked, Party.REQUESTER: owns}
        return {party for party, is_so in spoken.items() if is_so}


def _visible(asker: Asker) -> Shown:
    """With the present offer; an organisation sees its own, that which failed as well."""
    is_shown = or_(and_(asker.owned, Offer.is_current), asker.asked)
    return (
        select(Referral, CaseFile, Offer, asker.owned.label("is_owned"))
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .outerjoin(Offer, and_(Offer.referral_id == Referral.id, is_shown))
        .where(or_(asker.owned, Offer.id.is_not(None)))
        .options(undefer(Offer.expires_at))
    )


Found = Row[Referral, CaseFile, Offer | None, bool]


def _views(asker: Asker, rows: Sequence[Found]) -> list[ReferralView]:
    """What was asked of all of them is read with one statement."""
    inquired = questions_of(asker.session, [row[2].id for row in rows if row[2] is not None])
    return [_view(asker, row, inquired) for row in rows]


def _view(asker: Asker, row: Found, inquired: Asked) -> ReferralView:
    referral, case, offer, is_owned = row
    about = inquired[offer.id] if offer else ()
    stands = standing_of(asker.session, referral, offer)
    can = possible_moves(
        asker.parties(case, offer, is_owned=is_owned),
        stands.status,
        owes_purge=offer is not None and offer.owes_purge,
        is_confirmed=offer is not None and offer.confirmed_at is not None,
        open_questions=open_among(about),
        within=moves_of(asker.subject),
    )
    may_reply = any(it.move is Move.REPLY for it in can)
    questions = [view_of_question(it, is_owned=is_owned, may_reply=may_reply) for it in about]
    if offer is not None and not is_owned:
        return _own_view(referral, case, offer, stands, can=can, questions=questions)
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
        confirmed_at=offer.confirmed_at if offer else None,
        can=can,
        questions=questions,
    )


def _own_view(
    referral: Referral,
    case: CaseFile,
    offer: Offer,
    stands: Standing,
    *,
    can: Sequence[Possible],
    questions: Sequence[QuestionView],
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
        confirmed_at=None,
        can=can,
        questions=questions,
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


def find_referral(
    session: Session, *, referral_id: UUID, subject: Subject, now: datetime
) -> ReferralView:
    """One referral; not found for whoever is neither asked nor a case owner there."""
    asker = Asker(session, subject, Permission.REFERRAL_READ, now)
    return _views(asker, [found_by(asker, referral_id)])[0]


def found_by(asker: Asker, referral_id: UUID) -> Found:
    """A referral with its case and offer, and whether the case is reached; or it is not found."""
    # By the referral's own id the present offer is meant, or else the one that failed last.
    is_meant = (Offer.id == referral_id).desc().nulls_last()
    in_turn = (is_meant, Offer.is_current.desc().nulls_last(), Offer.ended_at.desc())
    query = _visible(asker).where(is_called(referral_id)).order_by(*in_turn).limit(1)
    row = asker.session.execute(query).one_or_none()
    if row is None:
        raise ReferralNotFound
    return row


def find_referrals(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    case_id: UUID | None,
    status: ReferralStatus | None,
    after: UUID | None,
    size: int,
) -> list[ReferralView]:
    """Those of the cases a subject reaches, as they were opened; then its open offers of others.

    An organisation finds no offer by a case, for it knows none.
    """
    asker = Asker(session, subject, Permission.REFERRAL_READ, now)
    is_status = true() if status is None else Referral.status == status
    rows: list[Found] = []
    is_at_offers = _is_at_offers(after, asker)
    if not is_at_offers:
        rows += session.execute(_of_cases(asker, case_id, after).where(is_status).limit(size))
    if case_id is None and len(rows) < size:
        offers = _own(asker, after if is_at_offers else None).where(is_status)
        rows += session.execute(offers.limit(size - len(rows)))
    return _views(asker, rows)


def _is_at_offers(after: UUID | None, asker: Asker) -> bool:
    """Whether a page has offers alone: where the one before ended, or because no case is owned."""
    if not asker.owns_cases:
        return True
    if after is None:
        return False
    return asker.session.scalar(select(Offer.id).where(_is_theirs(after, asker))) is not None


def _is_theirs(reference: UUID, asker: Asker) -> ColumnElement[bool]:
    return and_(Offer.id == reference, asked(asker.subject, asker.permission))


def _of_cases(asker: Asker, case_id: UUID | None, after: UUID | None) -> Shown:
    query = _visible(asker).where(asker.owned).order_by(Referral.id)
    if case_id is not None:
        query = query.where(Referral.case_id == case_id)
    if after is not None:
        query = query.where(Referral.id > after)
    return query


def _own(asker: Asker, after: UUID | None) -> Shown:
    """The open offers of an organisation as they came; a reference says nothing of the order."""
    came = (Offer.offered_at, Offer.id)
    # An open offer is current; said as well, so that the index of the inbox serves.
    is_open = Offer.is_current & Offer.status.in_(OPEN_OFFERS)
    query = _visible(asker).where(asker.asked, is_open).order_by(*came)
    if after is None:
        return query
    # After another organisation's offer, as after one that does not exist, comes nothing.
    last = select(*came).where(_is_theirs(after, asker))
    return query.where(tuple_(*came) > last.scalar_subquery())


def find_offers(
    session: Session, *, referral_id: UUID, subject: Subject, now: datetime
) -> Sequence[Offer]:
    """Every programme asked for a referral, in order; for case owners only."""
    referral = found_by(Asker(session, subject, Permission.OFFER_READ, now), referral_id)[0]
    return session.scalars(
        select(Offer)
        .where(Offer.referral_id == referral.id)
        .order_by(offered_in_turn())
        .options(undefer(Offer.expires_at)),
    ).all()


def offered_in_turn() -> ColumnElement[int]:
    """For each offer the version that its first move made: the order of the offers."""
    asked = select(func.min(ReferralMove.version)).where(
        ReferralMove.referral_id == Offer.referral_id, ReferralMove.offer_id == Offer.id
    )
    return asked.scalar_subquery()
