"""What whoever must act may do, by the services' own policies, for each reason why it is a turn."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Turn, Who, Why
from services.livelihood_support.domain.former import standing_of
from services.livelihood_support.domain.needs import open_need
from services.livelihood_support.domain.questions import open_among, questions_of
from services.livelihood_support.domain.revisions import newest_revision
from services.livelihood_support.models import Alert, Offer, Plan, Referral
from services.livelihood_support.policy import TOLD_BY
from services.livelihood_support.policy import moves as referring
from services.verification.policy import (
    Move,
    Party,
    Standing,
    VerificationStatus,
    legal_moves,
)
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReferralStatus,
    Regime,
    VerificationOutcome,
)
from shared.law.entitlements import Fact
from shared.law.entitling import Decision

TARGET, REQUESTER = referring.Party.TARGET, referring.Party.REQUESTER


def dead_ends(session: Session, found: turns.Standing) -> list[Turn]:
    """The sentences whose owner can do nothing; what has none, or two, fails at once."""
    assert (found.forgotten, found.unclear, found.stuck) == ((), (), ())
    assert {turn.who for turn in found.turns} <= {Who.CASE_OWNER, Who.ORGANISATION, Who.SYSTEM}
    offers = every(session, Offer)
    rows = Rows(
        session,
        referrals={str(row.id): row for row in every(session, Referral)},
        offers={str(row.id): row for row in offers},
        current={str(row.referral_id): row for row in offers if row.is_current},
        alerts={str(row.id): row for row in every(session, Alert)},
        said={turn.subject for turn in found.turns},
    )
    return [turn for turn in found.turns if not has_next_move(turn, rows)]


def every(session: Session, kind: type[Any]) -> Sequence[Any]:
    return session.scalars(select(kind).execution_options(populate_existing=True)).all()


@dataclass(frozen=True)
class Rows:
    """What the sentences are about."""

    session: Session
    referrals: Mapping[str, Referral]
    offers: Mapping[str, Offer]
    current: Mapping[str, Offer]
    """The present offer of each referral."""
    alerts: Mapping[str, Alert]
    said: Collection[str]
    """The subjects of which a sentence is said."""


def has_next_move(turn: Turn, rows: Rows) -> bool:
    """Whether whoever must act may do more than look, or the exchange goes on by a clock."""
    return NEXT.get(turn.why, may_move)(turn, rows)


def may_move(turn: Turn, rows: Rows) -> bool:
    """Whoever must act may move the referral."""
    if turn.subject in rows.alerts:
        # Of an earlier offer: what is done next is said in a sentence about the referral.
        return str(rows.alerts[turn.subject].referral_id) in rows.said
    party = REQUESTER if turn.who is Who.CASE_OWNER else TARGET
    legal = referring.legal_moves(party, ReferralStatus(rows.referrals[turn.subject].status))
    return bool(set(legal) - {referring.Move.SEEN})


def is_timed(turn: Turn, rows: Rows) -> bool:
    """A clock runs for the offer that is on its way."""
    return rows.current[turn.subject].delivery_due_at is not None


def is_tellable(turn: Turn, rows: Rows) -> bool:
    """The case owner may tell every fact that is missing."""
    return all(TOLD_BY[Fact(it)] for it in rows.alerts[turn.subject].facts["missing"])


def may_go_on(turn: Turn, rows: Rows) -> bool:
    """The case owner may add a need, or tell the fact for which one is refused."""
    case_id = UUID(turn.case_id)
    plan_id = rows.session.scalars(select(Plan.id).where(Plan.case_id == case_id)).one()
    answers = newest_revision(rows.session, plan_id).answers
    granted = [code for code, it in answers.items() if it.decision == Decision.ENTITLED]
    if any(open_need(rows.session, case_id=case_id, code=code) is None for code in granted):
        return True
    return any(TOLD_BY[Fact(fact)] for answer in answers.values() for fact in answer.facts)


def may_purge(turn: Turn, rows: Rows) -> bool:
    """The organisation may confirm it; where it is overdue, the case owner asks for that."""
    offer = rows.offers[turn.subject]
    stands = standing_of(rows.session, rows.referrals[str(offer.referral_id)], offer)
    legal = referring.legal_moves(TARGET, stands.status, owes_purge=offer.owes_purge)
    return referring.Move.CONFIRM_PURGE in legal


def may_be_reopened(turn: Turn, _: Rows) -> bool:
    """The case owner may have the verification opened again."""
    return Move.REOPEN in legal_moves({Party.CASE_OWNER}, concluded(turn.why))


def may_be_asked_for(turn: Turn, rows: Rows) -> bool:
    """The case owner may add the need, or first tell what it waits for, and may decline it."""
    alert = rows.alerts[turn.subject]
    assert all(TOLD_BY[Fact(it)] for it in alert.facts["missing"])
    code = EntitlementCode(alert.code)
    is_open = open_need(rows.session, case_id=alert.case_id, code=code) is None
    return is_open and alert.facts["can"] == [referring.AlertMove.DECLINE]


def may_reply(turn: Turn, rows: Rows) -> bool:
    """The case owner may reply to what is open, and it is open."""
    offer = rows.current[turn.subject]
    about = questions_of(rows.session, [offer.id])[offer.id]
    status = ReferralStatus(rows.referrals[turn.subject].status)
    legal = referring.legal_moves(REQUESTER, status, open_questions=open_among(about))
    return referring.Move.REPLY in legal


NEXT: Mapping[Why, Callable[[Turn, Rows], bool]] = {
    Why.OFFER_ON_ITS_WAY: is_timed,
    Why.NEEDS_INFORMATION: is_tellable,
    Why.WINDOW_CLOSING: may_be_asked_for,
    Why.NOTHING_LEFT: may_go_on,
    Why.OFFER_QUESTION: may_reply,
    Why.NOT_IDENTIFIED: may_be_reopened,
    Why.WITHDRAWN: may_be_reopened,
    Why.PURGE_OWED: may_purge,
    Why.PURGE_OVERDUE: may_purge,
}
"""By why it is somebody's turn: what they can do. Of anything else: move the referral."""


def concluded(outcome: Why) -> Standing:
    return Standing(
        status=VerificationStatus.CONCLUDED,
        outcome=VerificationOutcome(outcome),
        is_extended=False,
        regime=Regime.LAW_2024,
        was_minor_at_act=False,
    )
