"""Somebody presumed to be a victim: supported meanwhile, not identified, heard once more."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import Case, DidNotComeAbout, Exchange, moved
from deploy.deadlines.scenes.days import A_WHILE, morning_of
from deploy.demo.asking import LIVELIHOOD, every
from services.livelihood_support.policy import Duty as OfSupport
from services.livelihood_support.policy import Move as ReferralMove
from services.verification.policy import ComplaintStatus, Duty, EvidenceSource, Move, MoveReason
from shared.contracts import Queue
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReasonCode,
    ReferralStatus,
    VerificationOutcome,
)
from shared.kit.clock import local_date

REFERRALS = f"{LIVELIHOOD}/referrals"


def is_presumed(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """What the law grants meanwhile does not wait; it ends on notice, and ordinary ways stay."""
    case = exchange.submit("called-the-hotline", (EntitlementCode.LEGAL_AID,))
    yield exchange.dial.now + A_WHILE
    offer = exchange.until("an offer", lambda: offer_of(exchange, case))
    partner = exchange.client_of(offer["organisation_id"])
    for move in (ReferralMove.ACCEPT, ReferralMove.START):
        moved(partner, f"{REFERRALS}/{offer['id']}", move=move)
    board.tell(Shown.PROVISIONAL, case, told=offer["organisation_id"])
    yield morning_of(exchange.dial.now, 4)
    yield from is_not_identified(exchange, board, case)
    referral = referral_of(exchange, case)
    exchange.owes(Queue.LIVELIHOOD_SUPPORT, OfSupport.OFFER_WAY_ON, None, case)
    reason = ReasonCode.PERSON_DECLINED
    moved(exchange.owner, f"{REFERRALS}/{referral['id']}", move=ReferralMove.CANCEL, reason=reason)
    if referral_of(exchange, case)["status"] != ReferralStatus.CANCELLED:
        raise DidNotComeAbout(Shown.ENDED_ON_NOTICE)
    board.tell(Shown.ENDED_ON_NOTICE, case, told=offer["organisation_id"])
    yield morning_of(exchange.dial.now, 3)
    yield from is_complained_of(exchange, board, case)


def is_not_identified(exchange: Exchange, board: Board, case: Case) -> Iterator[datetime]:
    """A negative decision has its reason, its sources and the paper that says them."""
    exchange.move(case, move=Move.START)
    exchange.move(
        case,
        move=Move.CONCLUDE,
        outcome=VerificationOutcome.NOT_IDENTIFIED,
        reason=MoveReason.EVIDENCE_INSUFFICIENT,
        grounds=[EvidenceSource.RESCUING_BODY],
        evidence_ref="01/KL-CATP",
    )
    verification = exchange.verification(case)
    exchange.owes(Queue.VERIFICATION, Duty.TELL_OF_DECISION, verification["id"])
    if verification["complaint"] is None:
        raise DidNotComeAbout(Shown.NOT_IDENTIFIED)
    board.tell(Shown.NOT_IDENTIFIED, case, told=exchange.owner.organisation_id)
    yield exchange.dial.now + A_WHILE


def is_complained_of(exchange: Exchange, board: Board, case: Case) -> Iterator[datetime]:
    """The owner records the complaint; whoever decided answers it in writing."""
    verification = exchange.verification(case)
    moved(
        exchange.owner,
        exchange.at(verification),
        move=Move.COMPLAIN,
        reason=MoveReason.COMPLAINED_IN_PERSON,
        received_on=local_date(exchange.dial.now).isoformat(),
    )
    board.tell(Shown.COMPLAINED, case, told=verification["verifier_id"])
    yield morning_of(exchange.dial.now, 4)
    kept = exchange.move(
        case, move=Move.KEEP, reason=MoveReason.GROUNDS_HOLD, evidence_ref="02/TB-CATP"
    )
    exchange.owes(Queue.VERIFICATION, Duty.TELL_OF_ANSWER, verification["id"])
    if kept["complained"]["status"] != ComplaintStatus.KEPT:
        raise DidNotComeAbout(Shown.KEPT)
    board.tell(Shown.KEPT, case, told=exchange.owner.organisation_id)


def referral_of(exchange: Exchange, case: Case) -> dict[str, Any]:
    """The one referral of a case."""
    found = every(exchange.owner, REFERRALS, case_id=case.id)
    if not found:
        raise DidNotComeAbout("a referral")
    return found[0]


def offer_of(exchange: Exchange, case: Case) -> dict[str, Any] | None:
    """Whom the referral of a case was offered to, once there is one."""
    for referral in every(exchange.owner, REFERRALS, case_id=case.id):
        read = exchange.owner.get(f"{REFERRALS}/{referral['id']}/offers")
        read.raise_for_status()
        return next(iter(read.json()["items"]), None)
    return None
