"""No state without a next move, an owner and an age: every regime, age band, route and outcome.

Every end is brought about through the domains in a real database. Whoever must act is read from
the rows as the invariants read it, and what they may do is asked of the services' own policies.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import cycle, product
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Case, Turn, Who, Why
from services.livelihood_support import domain as support
from services.livelihood_support.models import Alert, AlertKind, Referral
from services.livelihood_support.policy import TOLD_BY, Fact
from services.livelihood_support.policy import moves as referring
from services.verification.models import Verification
from services.verification.policy import (
    Move,
    MoveFacts,
    MoveReason,
    Party,
    Standing,
    VerificationStatus,
    legal_moves,
)
from shared.contracts import Queue
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    DeliveryOutcome,
    EntitlementCode,
    ReasonCode,
    ReferralStatus,
    Regime,
    Route,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.kit.clock import utc_now
from tests.faults.wrongs import WRONGS
from tests.livelihood_support.builders import ACTOR, SCHOOL, Field, case_owner
from tests.verification.builders import IDENTIFY, NEGATIVE, REOPEN, START, Bench, verifier

DAYS = {Regime.LAW_2011: date(2025, 5, 5), Regime.LAW_2024: date(2026, 2, 2)}
"""A day under each law; which law applies follows from it."""


@contextmanager
def inside(engine: Engine) -> Iterator[Session]:
    """A session whose every effect is rolled back."""
    with engine.connect() as connection, connection.begin() as everything:
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        everything.rollback()


def read(session: Session, *statements: str, soon: float = 0.0) -> list[list[Any]]:
    session.flush()
    connection = session.connection().connection.driver_connection
    assert connection is not None
    return [connection.execute(each, {"soon": soon}).fetchall() for each in statements]


# --- Verification: where each end leaves it, by the moves that lead there.

WITHDRAW = MoveFacts(
    Move.CONCLUDE, outcome=VerificationOutcome.WITHDRAWN, reason=MoveReason.PERSON_WITHDREW
)
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.INTERPRETER_AWAITED)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
RESUME = MoveFacts(Move.RESUME)
VERIFYING: dict[str, tuple[MoveFacts, ...]] = {
    "assigned": (),
    "in progress": (START,),
    "paused": (START, PAUSE),
    "resumed": (START, PAUSE, RESUME),
    "extended": (START, EXTEND),
    "paused after its extension": (START, EXTEND, PAUSE),
    "not identified": (START, NEGATIVE),
    "withdrawn": (START, WITHDRAW),
    "reopened": (START, NEGATIVE, REOPEN),
    "reopened after a withdrawal": (START, WITHDRAW, REOPEN),
    "not identified twice": (START, NEGATIVE, REOPEN, START, NEGATIVE),
    "identified": (START, IDENTIFY),
}


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("is_there_anybody", [True, False], ids=["somebody", "no authority"])
def test_every_verification_has_a_next_move_an_owner_and_an_age(
    engine_of: Callable[[str], Engine], regime: Regime, is_there_anybody: bool
) -> None:
    with inside(engine_of(Queue.VERIFICATION)) as session:
        now = utc_now()
        bench = Bench(session, now)
        if is_there_anybody:
            bench.organisation(verifier("31"))
        received = datetime(*DAYS[regime].timetuple()[:6], tzinfo=UTC)
        ends = VERIFYING if is_there_anybody else {"opened": ()}
        made = {}
        for route, band, (end, moves) in product(Route, AgeBand, ends.items()):
            case = bench.case(
                route=route, age_band=band, received_at=received, was_minor_at_act=None
            )
            bench.open(case)
            made[bench.of(case.case_id).id] = end
            if moves:
                bench.move(bench.of(case.case_id), *moves)
        waiting, concluded = read(session, turns.VERIFYING, turns.CONCLUDED)
        found = turns.conclude(
            decided(concluded), turns.sentences(waiting), {row[1] for row in waiting}
        )
        assert (found.forgotten, found.unclear, found.stuck) == ((), (), ())
        identified = sum(end == "identified" for end in made.values())
        assert len(found.turns) == len(made) - identified
        by_case = {str(row.case_id): row for row in session.query(Verification)}
        dead = [turn for turn in found.turns if not verification_moves(turn, by_case[turn.case_id])]
        assert dead == []
        assert {turn.since for turn in found.turns} == {now}


def test_a_decision_that_has_nobody_to_go_back_to_is_named(
    engine_of: Callable[[str], Engine],
) -> None:
    with inside(engine_of(Queue.VERIFICATION)) as session:
        bench = Bench(session, utc_now())
        bench.organisation(verifier("31"))
        for _ in range(2):
            bench.move(bench.opened(), START, IDENTIFY)
        session.execute(text(WRONGS[turns.STUCK][1]))
        found = turns.conclude(decided(*read(session, turns.CONCLUDED)), [], ())
        assert len(found.stuck) == 1


def decided(rows: list[Any]) -> list[Case]:
    """Cases that were decided against the person."""
    return [
        Case(case_id, since, is_fresh=False, outcome=outcome, has_plan=False, has_authority=has)
        for case_id, since, _, outcome, has in rows
        if outcome != VerificationOutcome.IDENTIFIED
    ]


def verification_moves(turn: Turn, found: Verification) -> list[Move]:
    """What whoever must act may do, with facts that they can give."""
    party = {Who.VERIFIER: Party.VERIFIER, Who.CASE_OWNER: Party.CASE_OWNER}[turn.who]
    standing = Standing(
        status=VerificationStatus(found.status),
        outcome=VerificationOutcome(found.outcome) if found.outcome else None,
        is_extended=found.is_extended,
        regime=Regime(found.regime),
        was_minor_at_act=found.was_minor_at_act,
    )
    return legal_moves({party}, standing)


# --- Support: how far each referral of a plan can come.

Act = Callable[[Field, Referral], None]
TARGET, REQUESTER = referring.Party.TARGET, referring.Party.REQUESTER
SERVING = referring.Move.ACCEPT, referring.Move.START


def moves(*made: referring.Move, **facts: Any) -> Act:
    """Moves of the organisation asked; what is told with a move goes with the last."""

    def act(field: Field, referral: Referral) -> None:
        for number, move in enumerate(made, 1):
            field.move(referral, move, **(facts if number == len(made) else {}))
            field.session.refresh(referral)

    return act


def delivered(field: Field, referral: Referral) -> None:
    field.deliver(referral.id)


def parked(field: Field, referral: Referral) -> None:
    field.deliver(referral.id, DeliveryOutcome.PARKED)


def cancelled(field: Field, referral: Referral) -> None:
    reason = ReasonCode.PERSON_DECLINED
    field.move(referral, referring.Move.CANCEL, reason=reason, reader=case_owner())


M = referring.Move
SUPPORTING: dict[str, Act] = {
    "on its way": moves(),
    "delivered": delivered,
    "parked": parked,
    "seen": moves(M.SEEN),
    "accepted": moves(M.ACCEPT),
    "in progress": moves(*SERVING),
    "on hold": moves(*SERVING, M.HOLD, reason=ReasonCode.TIMING),
    "rejected": moves(M.REJECT, reason=ReasonCode.CAPACITY),
    "rejected as unsafe": moves(M.REJECT, reason=ReasonCode.SAFETY),
    "failed": moves(*SERVING, M.FAIL, reason=ReasonCode.OTHER),
    "provided": moves(*SERVING, M.COMPLETE, outcome=ServiceOutcome.PROVIDED),
    "cancelled": cancelled,
}


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("others", [0, 1], ids=["the only programme", "another programme"])
def test_every_need_has_a_next_move_an_owner_and_an_age(
    engine_of: Callable[[str], Engine], regime: Regime, others: int
) -> None:
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        for _ in range(1 + others):
            field.programme(codes=tuple(EntitlementCode), capacity=1000)
        ends = cycle(SUPPORTING.values())
        for citizenship, band, is_alone in product(Citizenship, AgeBand, (False, True)):
            case_id = field.case(
                requested=tuple(EntitlementCode),
                age_band=band,
                citizenship=citizenship,
                kinds=() if is_alone else (SCHOOL,),
            )
            field.conclude(case_id, regime=regime)
            of_case = select(Referral).where(Referral.case_id == case_id).order_by(Referral.code)
            for referral in [] if is_alone else session.scalars(of_case).all():
                next(ends)(field, referral)
        waiting, opened = read(session, turns.SUPPORTING, turns.OPEN)
        found = turns.conclude([], turns.sentences(waiting), {row[0] for row in opened})
        assert found.unclear == ()
        assert {turn.who for turn in found.turns} <= {Who.CASE_OWNER, Who.ORGANISATION, Who.SYSTEM}
        assert {turn.since for turn in found.turns} == {field.now}
        statuses = {str(row.id): row.status for row in session.scalars(select(Referral))}
        assert set(statuses.values()) >= set(ReferralStatus) - PASSED_THROUGH
        missing = {
            str(alert.id): alert.facts["missing"]
            for alert in session.scalars(select(Alert))
            if alert.kind == AlertKind.NEEDS_INFORMATION
        }
        dead = [turn for turn in found.turns if not has_next_move(turn, statuses, missing)]
        assert dead == []


PASSED_THROUGH = {
    ReferralStatus.DRAFT,
    ReferralStatus.REJECTED,
    ReferralStatus.FAILED,
    ReferralStatus.ENTERED_IN_ERROR,
}
"""Statuses in which no referral of this service rests: the next programme is asked at once."""


def has_next_move(
    turn: Turn, statuses: Mapping[str, str], missing: Mapping[str, Sequence[str]]
) -> bool:
    """Whether whoever must act may do more than look, or the exchange goes on by a clock."""
    if turn.who is Who.SYSTEM:
        return turn.why is Why.OFFER_ON_ITS_WAY
    if turn.why is Why.NEEDS_INFORMATION:
        return all(TOLD_BY[Fact(it)] for it in missing[turn.subject])
    is_earlier = turn.why is Why.OFFER_UNANSWERED and turn.who is Who.CASE_OWNER
    if is_earlier or turn.why in {
        Why.OFFER_UNDELIVERED,
        Why.SERVICE_FAILED,
        Why.WINDOW_CLOSING,
    }:
        # Of an earlier offer, or a day: what is done next is said in a sentence of its own.
        return True
    party = REQUESTER if turn.who is Who.CASE_OWNER else TARGET
    legal = referring.legal_moves(party, ReferralStatus(statuses[turn.subject]))
    return bool(set(legal) - {M.SEEN})


def test_every_alert_that_is_open_is_somebodys_turn() -> None:
    said = {"delivery_parked", "no_endpoint", "purge_undelivered", "purge_unconfirmed"}
    assert [kind for kind in AlertKind if kind not in said | set(Why)] == []


def test_a_service_for_another_age_is_the_case_owners_to_decide(
    engine_of: Callable[[str], Engine],
) -> None:
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        field.programme(minimum_age=16, maximum_age=17)
        for end in (moves(), delivered, parked, moves(M.ACCEPT), moves(*SERVING)):
            case_id = field.case(age_band=AgeBand.UNDER_18)
            field.conclude(case_id)
            end(field, field.referral(case_id))
            support.note_ages(session, bands={case_id: AgeBand.ADULT}, now=field.now, actor=ACTOR)
        waiting, opened = read(session, turns.SUPPORTING, turns.OPEN)
        found = turns.conclude([], turns.sentences(waiting), {row[0] for row in opened})
        assert found.unclear == ()
        assert {turn.who for turn in found.turns} == {Who.CASE_OWNER}
        assert [turn.why for turn in found.turns] == [Why.AGE_OUTSIDE] * 5
