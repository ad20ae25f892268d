"""Moves people make: the organisation asked answers and serves, the case owner may cancel.

A move that keeps the status is a stage: the offer was seen, a purge was confirmed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Label, and_, exists, false, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import (
    ANSWERED,
    OF_THE_REFERRAL,
    OWED,
    UNREACHED,
    settle_alerts,
)
from services.livelihood_support.domain.former import Standing, former_offer, standing_of
from services.livelihood_support.domain.lapses import Lapse, pass_on
from services.livelihood_support.domain.locks import LockedCase, lock_cases
from services.livelihood_support.domain.move_views import MoveView, view_of_move
from services.livelihood_support.domain.needs import end_need_of
from services.livelihood_support.domain.owning import check_owner
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.domain.purges import ask_whoever_was_told, note_purge
from services.livelihood_support.domain.questions import (
    ABOUT_QUESTIONS,
    open_among,
    overtake_questions,
    questions_of,
)
from services.livelihood_support.domain.reach import asked, moves_of, owned
from services.livelihood_support.domain.reading import is_called
from services.livelihood_support.domain.steps import (
    MoveRow,
    advance,
    audit_move,
    audit_stay,
    stay,
    tell_confirmation,
    tell_move,
)
from services.livelihood_support.domain.waiting import ANSWERS
from services.livelihood_support.errors import ReferralNotFound
from services.livelihood_support.models import (
    AlertKind,
    CaseFile,
    Offer,
    OfferQuestion,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import (
    ALLOWED_MOVES,
    NOTHING_ASKED,
    Inquiry,
    Move,
    OfferStatus,
    Party,
    check_move,
)
from shared import clocks
from shared.access import Permission
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_reference
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version

ENDS: dict[ReferralStatus, OfferStatus] = {
    ReferralStatus.COMPLETED: OfferStatus.COMPLETED,
    ReferralStatus.FAILED: OfferStatus.FAILED,
    ReferralStatus.CANCELLED: OfferStatus.CANCELLED,
}
"""What becomes of the offer if its referral ends; each of these frees the place."""


def move_referral(
    session: Session,
    *,
    referral_id: UUID,
    subject: Subject,
    move: Move,
    reason: ReasonCode | None,
    outcome: ServiceOutcome | None,
    inquiry: Inquiry = NOTHING_ASKED,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> MoveView:
    """Make one move. What is rejected, or fails, goes to the next programme at once with it.

    Refused: not found for whoever is neither asked nor a case owner there; a case owner that does
    not own the case; another version than the caller read; a move the status or the party does not
    allow; missing or unusable facts.
    """
    case, referral, offer = _locked(session, referral_id)
    means = _meant(session, referral, offer, reference=referral_id, subject=subject, now=now)
    party, offer = means.speaks_as(move), means.offer
    if party is Party.REQUESTER:
        check_owner(session, case, subject.organisation_id, now)
    stands = standing_of(session, referral, offer)
    check_version(stands.version, expected_version)
    about = questions_of(session, [offer.id])[offer.id] if offer else ()
    step = check_move(
        move,
        party=party,
        status=stands.status,
        reason=reason,
        outcome=outcome,
        inquiry=inquiry,
        owes_purge=offer is not None and offer.owes_purge,
        is_confirmed=offer is not None and offer.confirmed_at is not None,
        open_questions=open_among(about),
        within=moves_of(subject),
    )
    lapse_for = PASSED_ON_AS.get(step.to) if step.to else None
    if lapse_for is not None and offer is not None and reason is not None:
        lapse = lapse_for(reason)
        cases = {case.case_id: case}
        row = pass_on(session, [(referral, offer)], lapse, cases=cases, actor=actor, now=now)[0]
    elif step.to is None:
        done = _Done(move, inquiry, about, stands)
        row = _stage(session, referral, offer, done, actor=actor, now=now)
    else:
        row = _take(
            session,
            referral,
            offer,
            to=step.to,
            reason=reason,
            outcome=outcome,
            actor=actor,
            now=now,
        )
    return view_of_move(ReferralMove(**row), is_owned=means.is_owned)


def cancel_referral(
    session: Session,
    *,
    referral_id: UUID,
    reason: ReasonCode,
    actor: str,
    now: datetime,
) -> None:
    """End a referral for a case owner, who decides for the person, whoever is asked."""
    _, referral, offer = _locked(session, referral_id)
    check_move(
        Move.CANCEL,
        party=Party.REQUESTER,
        status=ReferralStatus(referral.status),
        reason=reason,
        outcome=None,
    )
    to = ReferralStatus.CANCELLED
    _take(session, referral, offer, to=to, reason=reason, outcome=None, actor=actor, now=now)


PASSED_ON_AS: Mapping[ReferralStatus, Callable[[ReasonCode], Lapse]] = {
    ReferralStatus.REJECTED: Lapse.rejected,
    ReferralStatus.FAILED: Lapse.failed,
}
"""Moves after which the next programme is asked at once."""


def _locked(
    session: Session,
    referral_id: UUID,
) -> tuple[LockedCase, Referral, Offer | None]:
    """Lock the case first, as everyone does; only then is what is read here still true later.

    The offer is the present one.
    """
    asked = select(Referral.id, Referral.case_id).where(is_called(referral_id))
    found = session.execute(asked).one_or_none()
    if found is None:
        raise ReferralNotFound
    case = lock_cases(session, [found.case_id])[found.case_id]
    referral, offer = session.execute(
        select(Referral, Offer)
        .outerjoin(Offer, and_(Offer.referral_id == Referral.id, Offer.is_current))
        .where(Referral.id == found.id)
        .execution_options(populate_existing=True),
    ).one()
    return case, referral, offer


@dataclass(frozen=True)
class Meant:
    """What a subject means by a reference, and as what it may speak."""

    parties: frozenset[Party]
    offer: Offer | None
    """The present one, or the one that failed and that the subject means."""
    is_owned: bool
    """Whether the subject reaches the case, and so reads all of the referral."""

    def speaks_as(self, move: Move) -> Party:
        """As whose move it is; who is both and was asked may answer, and cancel as well."""
        by = ALLOWED_MOVES[move].by
        return by if by in self.parties else next(iter(self.parties))


def _meant(
    session: Session,
    referral: Referral,
    present: Offer | None,
    *,
    reference: UUID,
    subject: Subject,
    now: datetime,
) -> Meant:
    """Refused: a referral of which the subject reaches neither the case nor an offer."""
    is_theirs = asked(subject, Permission.REFERRAL_MOVE)
    is_owned, is_asked = session.execute(
        select(
            owned(subject, Permission.REFERRAL_MOVE, now).label("owned"), _has(is_theirs, present)
        ).where(CaseFile.case_id == referral.case_id)
    ).one()
    former = former_offer(
        session,
        referral,
        reference=reference,
        is_theirs=is_theirs,
        reaches_present=is_owned or is_asked,
    )
    if former:
        return Meant(frozenset({Party.TARGET}), former, is_owned)
    spoken = {Party.TARGET: is_asked, Party.REQUESTER: is_owned}
    if not any(spoken.values()):
        raise ReferralNotFound
    return Meant(frozenset(party for party, is_so in spoken.items() if is_so), present, is_owned)


def _has(is_theirs: ColumnElement[bool], offer: Offer | None) -> Label[bool]:
    if offer is None:
        return false().label("asked")
    return exists().where(Offer.id == offer.id, is_theirs).label("asked")


@dataclass(frozen=True)
class _Done:
    """What is done beside the status."""

    move: Move
    inquiry: Inquiry
    about: Sequence[OfferQuestion]
    """What was asked about the offer before."""
    stands: Standing


def _stage(
    session: Session,
    referral: Referral,
    offer: Offer | None,
    done: _Done,
    *,
    actor: str,
    now: datetime,
) -> MoveRow:
    """Remember what was done beside the status, which stays, and so does the version."""
    move = done.move
    if offer is not None:
        _mark(session, offer, move, now)
    row = stay(
        referral,
        move_id=new_reference(),
        # What is confirmed is no step of the organisation's offer, and not told to it: by who
        # confirmed, two organisations could tell that they serve one person.
        offer_id=offer.id if offer and move is not Move.CONFIRM else None,
        status=done.stands.status,
        version=done.stands.version,
        actor=actor,
        now=now,
    )
    kept = _keep(session, referral, offer, done, row)
    audit_stay(session, row, what=move)
    offer_id = offer.id if offer else None
    settle_alerts(session, [referral.id], SETTLED_BY[move], now=now, offer_id=offer_id)
    if move is Move.CONFIRM:
        tell_confirmation(session, referral, row)
    return kept


def _keep(
    session: Session, referral: Referral, offer: Offer | None, done: _Done, row: MoveRow
) -> MoveRow:
    """The row as it is kept: with its questions, if it is about any."""
    about_questions = ABOUT_QUESTIONS.get(done.move)
    if about_questions is None or offer is None:
        insert_rows(session, ReferralMove, [row])
        return row
    return about_questions(session, referral, offer, done.inquiry, before=done.about, row=row)


SETTLED_BY: Mapping[Move, Sequence[AlertKind]] = {
    Move.SEEN: UNREACHED,
    Move.ASK: UNREACHED,
    Move.REPLY: (),
    Move.CONFIRM: (),
    Move.CONFIRM_PURGE: OWED,
}
"""Of each move that keeps the status, the alerts whose cause it takes away."""


SEEING = frozenset({Move.SEEN, Move.ASK})
"""Moves that say that the organisation has the offer: its time to answer runs from the first."""


def _mark(session: Session, offer: Offer, move: Move, now: datetime) -> None:
    if move is Move.CONFIRM_PURGE:
        offer.purge_confirmed_at = now
    elif move is Move.CONFIRM:
        offer.confirmed_at = now
    elif move in SEEING and offer.seen_at is None:
        offer.seen_at = now
        session.flush()
        clocks.begin(session, ANSWERS, [offer.id])


def _take(
    session: Session,
    referral: Referral,
    offer: Offer | None,
    *,
    to: ReferralStatus,
    reason: ReasonCode | None,
    outcome: ServiceOutcome | None,
    actor: str,
    now: datetime,
) -> MoveRow:
    if offer is not None and to is ReferralStatus.ACCEPTED:
        offer.status = OfferStatus.ACCEPTED
        offer.accepted_at = now
        settle_alerts(session, [referral.id], ANSWERED, now=now)
    if to in ENDS:
        _end(session, referral, offer, ended_as=ENDS[to], reason=reason, now=now)
    if offer is not None and referral.status == ReferralStatus.REQUESTED:
        overtake_questions(session, [offer.id], now=now)
    row = advance(
        referral,
        to,
        offer_id=offer.id if offer else None,
        actor=actor,
        now=now,
        reason=reason,
        outcome=outcome,
    )
    insert_rows(session, ReferralMove, [row])
    if offer is not None and offer.accepted_at and reason is ReasonCode.CONSENT_WITHDRAWN:
        # Told by the move itself, which notification announces as a purge.
        note_purge(session, referral, offer, purge_id=row["id"], actor=actor, now=now)
    audit_move(session, row)
    tell_move(session, referral, row, offer)
    if to in ENDS:
        end_need_of(session, referral, reason=reason, actor=actor, now=now)
    if to is ReferralStatus.CANCELLED:
        ask_whoever_was_told(session, referral, reason, actor=actor, now=now)
    return row


def _end(
    session: Session,
    referral: Referral,
    offer: Offer | None,
    *,
    ended_as: OfferStatus,
    reason: ReasonCode | None,
    now: datetime,
) -> None:
    """Free the place; the offer stays current, so its organisation can still see how it ended."""
    referral.tried_changes = None
    settle_alerts(session, [referral.id], OF_THE_REFERRAL, now=now)
    if offer is None:
        return
    places = lock_places(session, codes=(), programme_ids=[offer.programme_id])
    places.give_back(offer.programme_id)
    places.write(session)
    offer.status = ended_as
    offer.reason = reason
    offer.ended_at = now
