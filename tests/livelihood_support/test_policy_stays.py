"""The graph of stays: nobody leads one anywhere but along it, with what each move needs."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.livelihood_support.errors import (
    StayDayUnfit,
    StayFactsMissing,
    StayFactsUnused,
    StayMoveNotAllowed,
    StayReasonUnfit,
)
from services.livelihood_support.policy import (
    OPEN_STAYS,
    STAY_MOVES,
    KitItem,
    StayDestination,
    StayFact,
    StayFacts,
    StayMove,
    StayNeed,
    StayParty,
    StayReason,
    StayState,
    check_stay_move,
    possible_stay_moves,
)
from shared.contracts.vocabulary import StayStatus
from shared.kit.errors import DomainError

TODAY = date(2026, 3, 2)
RECEIVED, ARRIVED = TODAY - timedelta(days=30), TODAY - timedelta(days=20)
LAST = TODAY + timedelta(days=100)
BOTH = frozenset(StayParty)
S, M = StayStatus, StayMove
DAYS = st.integers(-40, 200).map(lambda days: TODAY + timedelta(days=days))
FACTS = st.builds(
    StayFacts,
    move=st.sampled_from(StayMove),
    arrived_on=st.none() | DAYS,
    needs=st.lists(st.sampled_from(StayNeed), unique=True, max_size=3).map(tuple),
    kit=st.lists(st.sampled_from(KitItem), unique=True, max_size=3).map(tuple),
    extended_until=st.none() | DAYS,
    paper_number=st.none() | st.just("07/QĐ-CSHT"),
    paper_on=st.none() | DAYS,
    left_on=st.none() | DAYS,
    left_to=st.none() | st.sampled_from(StayDestination),
    reason=st.none() | st.sampled_from(StayReason),
)


def state(status: StayStatus, *, may_be_extended: bool = True) -> StayState:
    is_there = status not in {S.ANNOUNCED, S.DECLINED, S.CANCELLED}
    return StayState(
        status,
        RECEIVED,
        ARRIVED if is_there else None,
        LAST if is_there else None,
        may_be_extended=may_be_extended,
    )


def after(
    facts: StayFacts,
    at: StayState,
    parties: frozenset[StayParty] = BOTH,
) -> StayStatus:
    return check_stay_move(facts, parties=parties, state=at, today=TODAY)


def fit(move: StayMove) -> StayFacts:
    """A move with just what it needs."""
    step = STAY_MOVES[move]
    values = {
        StayFact.ARRIVED_ON: ARRIVED,
        StayFact.NEEDS: (StayNeed.LODGING,),
        StayFact.EXTENDED_UNTIL: LAST + timedelta(days=30),
        StayFact.PAPER_NUMBER: "07/QĐ-CSHT",
        StayFact.PAPER_ON: TODAY,
        StayFact.LEFT_ON: TODAY,
        StayFact.LEFT_TO: StayDestination.FAMILY,
        StayFact.REASON: next(iter(sorted(step.reasons)), None),
    }
    needed = step.needs or {StayFact.NEEDS}
    return StayFacts(move, **{str(each): values[each] for each in needed})  # type: ignore[arg-type]


@given(moves=st.lists(st.sampled_from(sorted(STAY_MOVES)), max_size=12))
def test_however_it_is_moved_somebody_arrives_once_and_what_is_over_stays_over(
    moves: Sequence[StayMove],
) -> None:
    status, arrivals, been = S.ANNOUNCED, 0, [S.ANNOUNCED]
    for move in moves:
        legal = {each.move for each in possible_stay_moves(BOTH, status, may_be_extended=True)}
        if move not in legal:
            with pytest.raises(StayMoveNotAllowed):
                after(fit(move), state(status))
            continue
        arrivals += move is M.ARRIVE
        status = after(fit(move), state(status))
        been.append(status)
    assert arrivals <= 1
    over = [each not in OPEN_STAYS for each in been]
    assert over == sorted(over), "nobody who has left or was declined is there again"
    assert S.LEFT not in been or S.STAYING in been


@given(
    facts=FACTS,
    status=st.sampled_from(StayStatus),
    parties=st.frozensets(st.sampled_from(StayParty)),
    may_be_extended=st.booleans(),
)
def test_what_is_taken_has_all_that_its_move_needs_and_nothing_else(
    facts: StayFacts, status: StayStatus, parties: frozenset[StayParty], *, may_be_extended: bool
) -> None:
    at = state(status, may_be_extended=may_be_extended)
    try:
        to = after(facts, at, parties)
    except DomainError:
        return
    step = STAY_MOVES[facts.move]
    assert step.by in parties
    assert status in step.sources
    assert to is step.to
    assert step.needs <= facts.given <= step.needs | step.may_have
    assert facts.given, "a move that says nothing is none"
    assert facts.move is not M.EXTEND or may_be_extended
    assert facts.extended_until is None or facts.extended_until > LAST
    began = at.arrived_on or RECEIVED
    for day in (facts.arrived_on, facts.left_on, facts.paper_on):
        assert day is None or began <= day <= TODAY


def test_only_a_row_that_names_who_may_prolong_lets_a_stay_be_prolonged() -> None:
    for allowed in (True, False):
        found = possible_stay_moves(BOTH, S.STAYING, may_be_extended=allowed)
        assert (M.EXTEND in {each.move for each in found}) is allowed


def test_each_party_makes_its_own_moves() -> None:
    def of(party: StayParty) -> set[StayMove]:
        return {
            each.move
            for status in StayStatus
            for each in possible_stay_moves([party], status, may_be_extended=True)
        }

    assert of(StayParty.CASE_OWNER) == {M.CANCEL}
    assert of(StayParty.FACILITY) == set(STAY_MOVES) - {M.CANCEL}


@pytest.mark.parametrize(
    ("facts", "status", "refused"),
    [
        (StayFacts(M.ARRIVE, arrived_on=TODAY), S.ANNOUNCED, StayFactsMissing),
        (StayFacts(M.PROVIDE), S.STAYING, StayFactsMissing),
        (StayFacts(M.DECLINE, reason=StayReason.WRONG_PERSON), S.ANNOUNCED, StayReasonUnfit),
        (
            StayFacts(M.LEAVE, left_on=TODAY, left_to=StayDestination.FAMILY, kit=(KitItem.SOAP,)),
            S.STAYING,
            StayFactsUnused,
        ),
        (
            StayFacts(M.LEAVE, left_on=ARRIVED - timedelta(days=1), left_to=StayDestination.FAMILY),
            S.STAYING,
            StayDayUnfit,
        ),
        (
            StayFacts(M.EXTEND, extended_until=LAST, paper_number="07/QĐ-CSHT", paper_on=TODAY),
            S.STAYING,
            StayDayUnfit,
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    facts: StayFacts, status: StayStatus, refused: type[DomainError]
) -> None:
    with pytest.raises(refused):
        after(facts, state(status))
