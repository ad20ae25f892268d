"""The graph of protection: nobody leads it anywhere but along it, with what each move needs."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.verification.errors import (
    PaperDayUnfit,
    ProtectionFactsMissing,
    ProtectionFactsUnused,
    ProtectionMoveNotAllowed,
    ReasonUnfit,
    ReviewDayUnfit,
)
from services.verification.policy import (
    OPEN_PROTECTION,
    PROTECTION_MOVES,
    ProtectionFact,
    ProtectionFacts,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionParty,
    ProtectionReason,
    ProtectionStatus,
    check_protection_move,
    possible_protection_moves,
)
from shared.kit.errors import DomainError

TODAY = date(2026, 3, 2)
RECEIVED = TODAY - timedelta(days=30)
BOTH = frozenset(ProtectionParty)
S, M = ProtectionStatus, ProtectionMove

PARTIES = st.frozensets(st.sampled_from(ProtectionParty))
DAYS = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
FACTS = st.builds(
    ProtectionFacts,
    move=st.sampled_from(ProtectionMove),
    measures=st.lists(st.sampled_from(ProtectionMeasure), unique=True, max_size=5).map(tuple),
    reason=st.none() | st.sampled_from(ProtectionReason),
    paper_number=st.none() | st.just("07/QĐ-CATP"),
    paper_on=st.none() | DAYS,
    review_on=st.none() | DAYS,
    organisation_id=st.none() | st.uuids(),
)


def after(
    facts: ProtectionFacts,
    status: ProtectionStatus,
    parties: Collection[ProtectionParty] = BOTH,
) -> ProtectionStatus:
    return check_protection_move(
        facts, parties=parties, status=status, received_on=RECEIVED, today=TODAY
    )


def fit(move: ProtectionMove) -> ProtectionFacts:
    """A move with just what it needs."""
    step = PROTECTION_MOVES[move]
    values = {
        ProtectionFact.MEASURES: (ProtectionMeasure.SECRECY,),
        ProtectionFact.REASON: next(iter(sorted(step.reasons)), None),
        ProtectionFact.PAPER_NUMBER: "07/QĐ-CATP",
        ProtectionFact.PAPER_ON: TODAY,
        ProtectionFact.REVIEW_ON: TODAY + timedelta(days=30),
        ProtectionFact.ORGANISATION_ID: uuid4(),
    }
    return ProtectionFacts(move, **{str(each): values[each] for each in step.needs})  # type: ignore[arg-type]


@given(moves=st.lists(st.sampled_from(sorted(PROTECTION_MOVES)), max_size=12))
def test_however_it_is_moved_it_is_decided_once_and_what_is_over_stays_over(
    moves: Sequence[ProtectionMove],
) -> None:
    status, decisions, been = S.REQUESTED, 0, [S.REQUESTED]
    for move in moves:
        legal = {each.move for each in possible_protection_moves(BOTH, status)}
        if move not in legal:
            with pytest.raises(ProtectionMoveNotAllowed):
                after(fit(move), status)
            continue
        to = after(fit(move), status)
        decisions += status is S.REQUESTED is not to
        been.append(to)
        status = to
    assert decisions <= 1
    closed = [each not in OPEN_PROTECTION for each in been]
    assert closed == sorted(closed), "nothing that is over goes on"
    assert S.ENDED not in been or S.GRANTED in been


@given(facts=FACTS, status=st.sampled_from(ProtectionStatus), parties=PARTIES)
def test_what_is_taken_has_all_that_its_move_needs_and_nothing_else(
    facts: ProtectionFacts, status: ProtectionStatus, parties: frozenset[ProtectionParty]
) -> None:
    try:
        to = after(facts, status, parties)
    except DomainError:
        return
    step = PROTECTION_MOVES[facts.move]
    assert step.by in parties
    assert status in step.sources
    assert to == (step.to or status)
    assert step.needs <= facts.given <= step.needs | step.may_have
    assert (facts.paper_number is None) == (facts.paper_on is None)
    assert facts.paper_on is None or RECEIVED <= facts.paper_on <= TODAY
    assert facts.review_on is None or facts.review_on > TODAY
    assert (facts.reason is None) == (not step.reasons)


@given(status=st.sampled_from(ProtectionStatus), parties=PARTIES)
def test_what_is_said_to_be_possible_is_and_nothing_besides(
    status: ProtectionStatus, parties: frozenset[ProtectionParty]
) -> None:
    possible = {each.move for each in possible_protection_moves(parties, status)}
    for move in PROTECTION_MOVES:
        if move in possible:
            after(fit(move), status, parties)
        else:
            with pytest.raises(ProtectionMoveNotAllowed):
                after(fit(move), status, parties)


@pytest.mark.parametrize(
    ("status", "protectors", "owners"),
    [
        (S.REQUESTED, [M.GRANT, M.REFUSE, M.DECLINE], [M.ASSIGN]),
        (S.GRANTED, [M.REVIEW, M.END], [M.ASSIGN]),
        (S.REFUSED, [], []),
        (S.DECLINED, [], []),
        (S.ENDED, [], []),
    ],
)
def test_whoever_protects_decides_and_the_owner_only_names_who_that_is(
    status: ProtectionStatus, protectors: list[ProtectionMove], owners: list[ProtectionMove]
) -> None:
    def moves(party: ProtectionParty) -> list[ProtectionMove]:
        return [each.move for each in possible_protection_moves([party], status)]

    assert moves(ProtectionParty.PROTECTOR) == protectors
    assert moves(ProtectionParty.CASE_OWNER) == owners


NUMBER = {"paper_number": "07/QĐ-CATP"}
PAPER = {**NUMBER, "paper_on": TODAY}
DANGER_OVER = ProtectionReason.DANGER_OVER
NO_DANGER = ProtectionReason.DANGER_NOT_ESTABLISHED
SECRECY = (ProtectionMeasure.SECRECY,)
NEXT_DAY = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("move", "facts", "error"),
    [
        (M.GRANT, {"review_on": NEXT_DAY}, ProtectionFactsMissing),
        (M.GRANT, {"measures": SECRECY}, ProtectionFactsMissing),
        (M.GRANT, {"measures": SECRECY, "review_on": TODAY}, ReviewDayUnfit),
        (M.GRANT, {"measures": SECRECY, "review_on": NEXT_DAY, **NUMBER}, ProtectionFactsMissing),
        (M.REFUSE, {"reason": NO_DANGER}, ProtectionFactsMissing),
        (M.REFUSE, PAPER, ProtectionFactsMissing),
        (M.REFUSE, {"reason": DANGER_OVER, **PAPER}, ReasonUnfit),
        (M.DECLINE, {}, ProtectionFactsMissing),
        (M.DECLINE, {"reason": NO_DANGER, **PAPER}, ProtectionFactsUnused),
        (M.DECLINE, {**NUMBER, "paper_on": NEXT_DAY}, PaperDayUnfit),
        (M.DECLINE, {**NUMBER, "paper_on": RECEIVED - timedelta(days=1)}, PaperDayUnfit),
        (M.ASSIGN, {}, ProtectionFactsMissing),
    ],
)
def test_a_decision_without_its_papers_reasons_and_days_is_none(
    move: ProtectionMove, facts: dict[str, object], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        after(ProtectionFacts(move, **facts), S.REQUESTED)  # type: ignore[arg-type]
