"""No state without a next move, an owner and an age: every regime, age band, route and outcome.

Every end is brought about through the domains in a real database. Whoever must act is read from
the rows as the invariants read it, and what they may do is asked of the services' own policies.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Case, Turn, Who, Why
from services.livelihood_support import domain as support
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.models import (
    AlertKind,
    CaseFile,
)
from services.livelihood_support.policy import Need, Recorded, ToldFact, category_for, know
from services.livelihood_support.policy import moves as referring
from services.livelihood_support.policy.facts import PRESUMED
from services.verification import domain as verifying
from services.verification.domain import CaseFacts
from services.verification.models import Verification
from services.verification.policy import (
    ComplaintStatus,
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
    EntitlementCode,
    PersonCategory,
    Regime,
    Route,
    VerificationOutcome,
)
from shared.kit.clock import local_date, utc_now
from shared.law.entitling import category_of
from tests.faults.wrongs import WRONGS
from tests.livelihood_support.builders import ACTOR, Field
from tests.system.meanwhile import MEANWHILE
from tests.system.next_moves import dead_ends
from tests.system.walkers import EVERY_CODE, Somebody, everybody, morning, received
from tests.system.walking import (
    ENDS,
    LATER,
    SERVING,
    Ends,
    M,
    delivered,
    every_end,
    moves,
    parked,
)
from tests.system.whose_duties import OF_CASE_OWNERS, OF_ORGANISATIONS, without_duty
from tests.transactions import WITHOUT_END
from tests.verification.builders import (
    COMPLAIN,
    IDENTIFY,
    KEEP,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    verifier,
)


@contextmanager
def inside(engine: Engine) -> Iterator[Session]:
    """A session whose every effect is rolled back."""
    with engine.connect() as connection, connection.begin() as everything:
        connection.execute(WITHOUT_END)
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
    "complained of": (START, NEGATIVE, COMPLAIN),
    "kept": (START, NEGATIVE, COMPLAIN, KEEP),
    "reopened after a complaint": (START, NEGATIVE, COMPLAIN, REOPEN),
    "identified": (START, IDENTIFY),
}


def on_its_day(facts: MoveFacts, now: datetime) -> MoveFacts:
    """A step as it is made on a day: who complains does so then."""
    is_complaint = facts.move is Move.COMPLAIN
    return replace(facts, received_on=local_date(now)) if is_complaint else facts


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
        received = morning(regime)
        ends = VERIFYING if is_there_anybody else {"opened": ()}
        made = {}
        for route, band, (end, moves) in product(Route, AgeBand, ends.items()):
            case = bench.case(
                route=route, age_band=band, received_at=received, was_minor_at_act=None
            )
            bench.open(case)
            made[bench.of(case.case_id).id] = end
            if moves:
                bench.move(bench.of(case.case_id), *(on_its_day(it, now) for it in moves))
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


@pytest.mark.parametrize("regime", Regime)
def test_a_verification_whose_authority_has_ended_is_given_to_another(
    engine_of: Callable[[str], Engine], regime: Regime
) -> None:
    """Wherever it stands: the case owner names one."""
    with inside(engine_of(Queue.VERIFICATION)) as session:
        bench = Bench(session, utc_now())
        police = bench.organisation(verifier("31"))
        received = morning(regime)
        for band, moves in product(AgeBand, VERIFYING.values()):
            made = [on_its_day(each, bench.now) for each in moves or (START,)]
            bench.move(bench.opened(age_band=band, received_at=received), *made)
        (waiting,) = read(session, turns.VERIFYING)
        bench.organisation(organisation_id=police)
        session.flush()
        verifying.watch_standstills(session, bench.now)
        (ended,) = read(session, turns.VERIFYING)
        found = turns.conclude([], turns.sentences(ended), {row[1] for row in waiting})
        assert found.unclear == ()
        said = {(turn.who, turn.why, turn.since) for turn in found.turns}
        assert said == {(Who.CASE_OWNER, Why.AUTHORITY_ENDED, bench.now)}
        by_case = {str(row.case_id): row for row in session.query(Verification)}
        dead = [turn for turn in found.turns if not verification_moves(turn, by_case[turn.case_id])]
        assert dead == []


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
        is_extended=found.status == VerificationStatus.EXTENDED,
        regime=Regime(found.regime),
        was_minor_at_act=found.was_minor_at_act,
        complaint=ComplaintStatus(found.complaint_status) if found.complaint_status else None,
    )
    return legal_moves({party}, standing)


# --- Support: every answer of a plan, and every end of its referrals.

ONE_OF_EACH = [
    # Who lives here for good, and would lose everything if that were told otherwise.
    (Citizenship.STATELESS, PersonCategory.VICTIM_RESIDENT),
    (Citizenship.VIETNAMESE, PersonCategory.MINOR_ACCOMPANYING),
    (Citizenship.FOREIGN, PersonCategory.FOREIGNER),
]
"""A person of each category that somebody with a plan can be of; see below."""


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("holds", [None, True, False], ids=["untold", "it holds", "it does not"])
def test_every_plan_has_a_next_move_an_owner_and_an_age(
    engine_of: Callable[[str], Engine], regime: Regime, holds: bool | None
) -> None:
    """Of every regime, category, age band and route; with its answer for every code."""
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        field.programme(codes=EVERY_CODE, capacity=10_000)
        routes = tuple(Route) if holds is None else (Route.SELF_REPORT,)
        cases = [received(field, each, holds=holds) for each in everybody(regime, routes)]
        field.conclude(*cases, regime=regime)
        found = standing(session)
        assert {turn.case_id for turn in found.turns} == {str(each) for each in cases}
        assert dead_ends(session, found) == []
        assert {turn.since for turn in found.turns} == {field.now}


@pytest.mark.long
@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize(("citizenship", "category"), ONE_OF_EACH)
def test_every_need_has_a_next_move_an_owner_and_an_age(
    engine_of: Callable[[str], Engine],
    regime: Regime,
    citizenship: Citizenship,
    category: PersonCategory,
) -> None:
    """Of every regime, category, age band and code; every end of each, rolled back after it."""
    reached: dict[tuple[str, ...], set[Why]] = defaultdict(set)
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        field.programme(codes=EVERY_CODE, capacity=1000)
        for band in AgeBand:
            with undone(session):
                case_id = received(field, Somebody(regime, citizenship, category, band), holds=True)
                field.conclude(case_id, regime=regime)
                for path in walk(field, case_id, ENDS):
                    found = standing(session)
                    assert {turn.case_id for turn in found.turns} == {str(case_id)}
                    assert dead_ends(session, found) == [], path
                    assert without_duty(session, found, field.now) == [], path
                    since = {turn.since for turn in found.turns}
                    assert since <= {field.now, field.now + LATER}
                    reached[path] |= {turn.why for turn in found.turns}
    expected = {path: set(end.whys) for path, end in every_end(ENDS)}
    assert reached.keys() == expected.keys()
    if category is PersonCategory.VICTIM_RESIDENT:
        # Nobody else would lose everything by being told to live elsewhere.
        assert reached == expected


def walk(field: Field, case_id: UUID, ends: Ends, *before: str) -> Iterator[tuple[str, ...]]:
    """Bring about each end, and what may follow on it; what was done is undone after it."""
    for name, end in ends.items():
        with undone(field.session):
            end.act(field, case_id)
            yield (*before, name)
            yield from walk(field, case_id, end.then, *before, name)


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Everything that happens inside is rolled back."""
    with session.begin_nested() as step:
        yield
        step.rollback()
    session.expire_all()


def standing(session: Session) -> turns.Standing:
    """Whose turn it is in every case, as the invariants read it."""
    waiting, opened, plans = read(session, turns.SUPPORTING, turns.OPEN, turns.PLANS)
    outcomes = dict(session.execute(select(CaseFile.case_id, CaseFile.verification_outcome)).all())
    cases = [
        Case(it, since, False, outcomes[UUID(it)], has_plan=True, has_authority=True)
        for it, since in plans
    ]
    return turns.conclude(cases, turns.sentences(waiting), {row[0] for row in opened})


def test_every_alert_that_is_open_is_somebodys_turn() -> None:
    said = {
        "delivery_parked",
        "no_endpoint",
        "offer_unread",
        "purge_undelivered",
        "purge_unconfirmed",
    }
    assert [kind for kind in AlertKind if kind not in said | set(Why)] == []


def test_every_reason_why_it_is_a_turn_in_livelihood_support_is_a_duty() -> None:
    said = {why for why in Why if f"'{why}'" in turns.SUPPORTING or why.startswith("referral_")}
    assert said - {Why.OFFER_ON_ITS_WAY} <= OF_CASE_OWNERS.keys() | OF_ORGANISATIONS.keys()


def test_every_reason_why_it_is_a_turn_in_livelihood_support_is_walked() -> None:
    ends = [end for each in (ENDS, MEANWHILE) for _, end in every_end(each)]
    walked = set[Why]().union(*(end.whys for end in ends))
    said = {why for why in Why if f"'{why}'" in turns.SUPPORTING or why.startswith("referral_")}
    assert said - walked == {
        Why.NEEDS_INFORMATION,  # of every plan, above
        Why.WINDOW_CLOSING,  # in test_closing.py
        Why.AGE_OUTSIDE,  # below
    }


@pytest.mark.parametrize("category", sorted(PRESUMED))
@pytest.mark.parametrize("is_abroad", [True, False], ids=["abroad", "in the country"])
def test_nobody_who_is_identified_is_presumed(category: PersonCategory, is_abroad: bool) -> None:
    """So whoever was presumed, by whichever route, ends as any other of the same citizenship."""
    told = {ToldFact.CATEGORY: category}
    for person in (Recorded(*each) for each in product(AgeBand, Citizenship)):
        found = category_for(person, told, is_identified=True, is_abroad=is_abroad)
        assert found == category_of(person.citizenship)
        assert know(person, told) == know(person, {})


def test_only_what_is_granted_meanwhile_can_depend_on_the_route() -> None:
    """So the ends are walked with one route: of what decides, the case alone has it.

    It is asked for the category (above), and who is presumed is walked with each kind of route.
    """
    for known in (LockedCase, Recorded, Need, referring.Step):
        hints = get_type_hints(known)
        has = {name for name, kind in hints.items() if Route in (kind, *get_args(kind))}
        assert has == ({"route"} if known is LockedCase else set()), known


def test_no_decision_of_a_verification_can_know_the_category() -> None:
    for known in (CaseFacts, Standing, MoveFacts):
        kinds = set(get_type_hints(known).values())
        assert not kinds & {PersonCategory, Citizenship, EntitlementCode}, known


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
