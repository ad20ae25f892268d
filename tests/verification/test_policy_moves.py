"""Which move, by whom, with which facts: a table, its faults, and walks that stay on the graph."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.verification.errors import (
    ComplaintDayMissing,
    EvidenceUnused,
    GroundsMissing,
    MoveNotAllowed,
    NumberMissing,
    OutcomeMissing,
    OutcomeUnused,
    ReasonMissing,
    ReasonUnfit,
    VerifierMissing,
    VerifierUnused,
)
from services.verification.policy import (
    ALLOWED_MOVES,
    BIRTHS,
    REASONS_TO_END,
    ComplaintStatus,
    EvidenceSource,
    Move,
    MoveFacts,
    MoveReason,
    Party,
    Possible,
    PossibleEnd,
    Standing,
    VerificationStatus,
    check_move,
    legal_moves,
    possible_moves,
)
from shared.contracts.vocabulary import (
    Regime,
    VerificationOutcome,
)
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id

S = VerificationStatus
O = VerificationOutcome  # noqa: E741 - an outcome, in tables
R = MoveReason
WITNESS = (EvidenceSource.OTHER_VICTIM_OR_WITNESS,)
TODAY = date(2026, 3, 2)

BOTH = frozenset(Party)


def standing(
    status: VerificationStatus,
    *,
    outcome: VerificationOutcome | None = None,
    is_extended: bool = False,
    was_minor_at_act: bool | None = False,
    regime: Regime = Regime.LAW_2024,
) -> Standing:
    return Standing(status, outcome, is_extended, was_minor_at_act, regime)


LEGAL = {
    (Party.VERIFIER, S.OPENED): [],
    (Party.VERIFIER, S.ASSIGNED): [Move.START],
    (Party.VERIFIER, S.IN_PROGRESS): [Move.PAUSE, Move.EXTEND, Move.CONCLUDE],
    (Party.VERIFIER, S.PAUSED): [Move.RESUME],
    (Party.VERIFIER, S.EXTENDED): [Move.PAUSE, Move.CONCLUDE],
    (Party.VERIFIER, S.CONCLUDED): [Move.REOPEN, Move.COMPLAIN],
    (Party.CASE_OWNER, S.OPENED): [Move.ASSIGN],
    (Party.CASE_OWNER, S.ASSIGNED): [Move.ASSIGN],
    (Party.CASE_OWNER, S.IN_PROGRESS): [Move.ASSIGN],
    (Party.CASE_OWNER, S.PAUSED): [Move.ASSIGN],
    (Party.CASE_OWNER, S.EXTENDED): [Move.ASSIGN],
    (Party.CASE_OWNER, S.CONCLUDED): [Move.REOPEN, Move.COMPLAIN],
}


@pytest.mark.parametrize(("party", "status"), list(product(Party, S)))
def test_what_is_legal_for_whom(party: Party, status: VerificationStatus) -> None:
    outcome = O.NOT_IDENTIFIED if status is S.CONCLUDED else None
    assert legal_moves([party], standing(status, outcome=outcome)) == LEGAL[party, status]


def test_an_identification_is_never_reopened() -> None:
    assert legal_moves(BOTH, standing(S.CONCLUDED, outcome=O.IDENTIFIED)) == []


def test_nobody_may_ask_for_the_opening() -> None:
    with pytest.raises(MoveNotAllowed) as refused:
        check_move(MoveFacts(Move.OPEN), parties=BOTH, standing=standing(S.ASSIGNED))
    assert refused.value.facts == {"status": S.ASSIGNED, "legal": [Move.ASSIGN, Move.START]}


FAULTS = [
    (S.IN_PROGRESS, MoveFacts(Move.CONCLUDE, grounds=WITNESS), OutcomeMissing),
    (S.IN_PROGRESS, MoveFacts(Move.CONCLUDE, outcome=O.IDENTIFIED), GroundsMissing),
    (S.IN_PROGRESS, MoveFacts(Move.CONCLUDE, O.NOT_IDENTIFIED, WITNESS), ReasonMissing),
    (
        S.IN_PROGRESS,
        MoveFacts(Move.CONCLUDE, O.NOT_IDENTIFIED, (), R.EVIDENCE_INSUFFICIENT),
        GroundsMissing,
    ),
    (
        S.IN_PROGRESS,
        MoveFacts(Move.CONCLUDE, O.NOT_IDENTIFIED, WITNESS, R.PERSON_WITHDREW),
        ReasonUnfit,
    ),
    (
        S.IN_PROGRESS,
        MoveFacts(Move.CONCLUDE, O.IDENTIFIED, WITNESS, R.EVIDENCE_INSUFFICIENT),
        ReasonUnfit,
    ),
    (S.IN_PROGRESS, MoveFacts(Move.CONCLUDE, O.WITHDRAWN), ReasonMissing),
    (S.IN_PROGRESS, MoveFacts(Move.PAUSE), ReasonMissing),
    (S.IN_PROGRESS, MoveFacts(Move.PAUSE, reason=R.COMPLEX_CASE), ReasonUnfit),
    (S.IN_PROGRESS, MoveFacts(Move.EXTEND), ReasonMissing),
    (S.IN_PROGRESS, MoveFacts(Move.EXTEND, reason=R.INTERPRETER_AWAITED), ReasonUnfit),
    (S.ASSIGNED, MoveFacts(Move.START, outcome=O.IDENTIFIED), OutcomeUnused),
    (S.ASSIGNED, MoveFacts(Move.START, reason=R.NEW_EVIDENCE), ReasonUnfit),
    (S.ASSIGNED, MoveFacts(Move.START, grounds=WITNESS), EvidenceUnused),
    (S.ASSIGNED, MoveFacts(Move.START, evidence_ref="1/KL"), EvidenceUnused),
    (S.ASSIGNED, MoveFacts(Move.START, organisation_id=new_id()), VerifierUnused),
    (S.ASSIGNED, MoveFacts(Move.ASSIGN), VerifierMissing),
    (S.CONCLUDED, MoveFacts(Move.REOPEN, grounds=WITNESS), ReasonMissing),
    (S.CONCLUDED, MoveFacts(Move.REOPEN, reason=R.NEW_EVIDENCE), GroundsMissing),
]


@pytest.mark.parametrize(("status", "facts", "fault"), FAULTS)
def test_a_move_needs_its_own_facts_and_no_others(
    status: VerificationStatus, facts: MoveFacts, fault: type[DomainError]
) -> None:
    outcome = O.NOT_IDENTIFIED if status is S.CONCLUDED else None
    with pytest.raises(fault):
        check_move(facts, parties=BOTH, standing=standing(status, outcome=outcome))


@pytest.mark.parametrize(
    ("known", "found", "regime", "is_usable"),
    [
        (False, None, Regime.LAW_2024, True),
        (True, None, Regime.LAW_2024, False),
        (None, None, Regime.LAW_2024, False),
        (None, False, Regime.LAW_2024, True),
        (None, True, Regime.LAW_2024, False),
        (True, False, Regime.LAW_2024, False),
        (True, None, Regime.LAW_2011, True),
    ],
)
def test_means_are_missed_only_of_an_act_to_somebody_known_to_have_been_an_adult(
    known: bool | None, found: bool | None, regime: Regime, is_usable: bool
) -> None:
    facts = MoveFacts(
        Move.CONCLUDE,
        O.NOT_IDENTIFIED,
        WITNESS,
        R.MEANS_NOT_ESTABLISHED,
        was_minor_at_act=found,
    )
    case = standing(S.IN_PROGRESS, was_minor_at_act=known, regime=regime)
    if is_usable:
        assert check_move(facts, parties=BOTH, standing=case) is S.CONCLUDED
    else:
        with pytest.raises(ReasonUnfit) as refused:
            check_move(facts, parties=BOTH, standing=case)
        assert R.MEANS_NOT_ESTABLISHED not in refused.value.facts["reasons"]


EDGES = {
    (S.OPENED, S.ASSIGNED),
    (S.ASSIGNED, S.ASSIGNED),
    (S.ASSIGNED, S.IN_PROGRESS),
    (S.ASSIGNED, S.EXTENDED),
    (S.IN_PROGRESS, S.PAUSED),
    (S.IN_PROGRESS, S.EXTENDED),
    (S.IN_PROGRESS, S.CONCLUDED),
    (S.IN_PROGRESS, S.ASSIGNED),
    (S.PAUSED, S.IN_PROGRESS),
    (S.PAUSED, S.EXTENDED),
    (S.PAUSED, S.ASSIGNED),
    (S.EXTENDED, S.PAUSED),
    (S.EXTENDED, S.CONCLUDED),
    (S.EXTENDED, S.ASSIGNED),
    (S.CONCLUDED, S.ASSIGNED),
    (S.CONCLUDED, S.CONCLUDED),
}
"""Written out by hand, so that a change of the table of moves is seen here."""

ANY_MOVE = st.builds(
    MoveFacts,
    move=st.sampled_from(Move),
    outcome=st.none() | st.sampled_from(O),
    grounds=st.lists(st.sampled_from(EvidenceSource), max_size=3).map(tuple),
    reason=st.none() | st.sampled_from(MoveReason),
    evidence_ref=st.none() | st.just("15/KL-CATP"),
    organisation_id=st.none() | st.just(new_id()),
    received_on=st.none() | st.just(TODAY),
)


@st.composite
def fitting_move(draw: st.DrawFn) -> MoveFacts:
    """A move whose facts belong together, so that walks get far."""
    move = draw(st.sampled_from(list(ALLOWED_MOVES)))
    step = ALLOWED_MOVES[move]
    outcome = draw(st.sampled_from(O)) if move is Move.CONCLUDE else None
    reasons = REASONS_TO_END[outcome] if outcome else step.reasons
    return MoveFacts(
        move=move,
        outcome=outcome,
        grounds=WITNESS if step.rests_on_evidence else (),
        reason=draw(st.sampled_from(sorted(reasons))) if reasons else None,
        evidence_ref="90/CATP" if step.has_paper else None,
        organisation_id=new_id() if move is Move.ASSIGN else None,
        received_on=TODAY if move is Move.COMPLAIN else None,
    )


@given(
    birth=st.sampled_from(sorted(BIRTHS)),
    walk=st.lists(
        st.tuples(fitting_move() | ANY_MOVE, st.sets(st.sampled_from(Party))), max_size=40
    ),
    was_minor_at_act=st.none() | st.booleans(),
)
def test_no_walk_leaves_the_graph(
    birth: VerificationStatus,
    walk: list[tuple[MoveFacts, set[Party]]],
    was_minor_at_act: bool | None,
) -> None:
    status, is_extended, extensions = birth, False, 0
    complaint: ComplaintStatus | None = None
    outcome = O.IDENTIFIED if birth is S.CONCLUDED else None
    for facts, parties in walk:
        now = standing(
            status, outcome=outcome, is_extended=is_extended, was_minor_at_act=was_minor_at_act
        )
        now = replace(now, complaint=complaint)
        legal = legal_moves(parties, now)
        try:
            to = check_move(facts, parties=parties, standing=now)
        except MoveNotAllowed:
            assert facts.move not in legal
            continue
        except DomainError:
            assert facts.move in legal
            continue
        assert (status, to) in EDGES
        assert not ALLOWED_MOVES[facts.move].by.isdisjoint(parties)
        if status is S.CONCLUDED:
            complaint = complained(facts.move, complaint, outcome)
            is_extended, extensions = False, 0
        if facts.move is Move.EXTEND:
            is_extended, extensions = True, extensions + 1
        if facts.outcome is O.NOT_IDENTIFIED:
            assert facts.reason is not None
            assert facts.grounds
        assert extensions <= 1
        if to is S.CONCLUDED and status is S.CONCLUDED:
            continue
        assert (to is S.CONCLUDED) == (facts.outcome is not None)
        status, outcome = to, facts.outcome


def complained(
    move: Move, before: ComplaintStatus | None, outcome: O | None
) -> ComplaintStatus | None:
    """What a step after the end makes of a complaint; each had to be possible."""
    if move is Move.REOPEN:
        assert outcome is not O.IDENTIFIED
        return None
    assert outcome is O.NOT_IDENTIFIED
    is_open = before is ComplaintStatus.RECEIVED
    assert is_open == (move is Move.KEEP)
    return ComplaintStatus.RECEIVED if move is Move.COMPLAIN else ComplaintStatus.KEPT


@pytest.mark.parametrize("complaint", [None, *ComplaintStatus])
def test_whatever_was_said_against_a_negative_decision_somebody_can_go_on(
    complaint: ComplaintStatus | None,
) -> None:
    now = replace(standing(S.CONCLUDED, outcome=O.NOT_IDENTIFIED), complaint=complaint)
    answer = [Move.KEEP] if complaint is ComplaintStatus.RECEIVED else []
    hears = [] if complaint is ComplaintStatus.RECEIVED else [Move.COMPLAIN]
    assert legal_moves([Party.VERIFIER], now) == [Move.REOPEN, *hears, *answer]
    assert legal_moves([Party.CASE_OWNER], now) == [Move.REOPEN, *hears]


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        (MoveFacts(Move.COMPLAIN, reason=R.COMPLAINED_IN_PERSON), ComplaintDayMissing),
        (MoveFacts(Move.COMPLAIN, reason=R.GROUNDS_HOLD, received_on=TODAY), ReasonUnfit),
        (MoveFacts(Move.COMPLAIN, received_on=TODAY), ReasonMissing),
        (MoveFacts(Move.REOPEN, None, WITNESS, R.COMPLAINT_UPHELD), ReasonUnfit),
    ],
)
def test_a_complaint_has_its_day_and_how_it_came_and_is_upheld_only_if_it_was_made(
    facts: MoveFacts, fault: type[DomainError]
) -> None:
    now = standing(S.CONCLUDED, outcome=O.NOT_IDENTIFIED)
    with pytest.raises(fault):
        check_move(facts, parties=BOTH, standing=now)


@pytest.mark.parametrize("is_late", [True, False])
def test_an_answer_has_a_number_unless_it_was_taken_back_and_says_late_only_of_a_late_one(
    is_late: bool,
) -> None:
    now = replace(
        standing(S.CONCLUDED, outcome=O.NOT_IDENTIFIED),
        complaint=ComplaintStatus.RECEIVED,
        is_complaint_late=is_late,
    )
    with pytest.raises(NumberMissing):
        check_move(MoveFacts(Move.KEEP, reason=R.NOTHING_NEW), parties=BOTH, standing=now)
    back = MoveFacts(Move.KEEP, reason=R.COMPLAINT_WITHDRAWN)
    assert check_move(back, parties=BOTH, standing=now) is S.CONCLUDED
    (keep,) = [it for it in possible_moves(BOTH, now) if it.move is Move.KEEP]
    assert (R.COMPLAINT_LATE in keep.reasons) == is_late


AGES = (True, False, None)


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("was_minor", AGES)
@pytest.mark.parametrize("complaint", [None, *ComplaintStatus])
@pytest.mark.parametrize("status", S)
def test_what_is_said_to_be_possible_is_possible_and_nothing_else_is(
    status: S, complaint: ComplaintStatus | None, was_minor: bool | None, regime: Regime
) -> None:
    """Each move with each of its reasons and outcomes, as whoever is told of it would send it."""
    outcome = O.NOT_IDENTIFIED if status is S.CONCLUDED else None
    now = standing(status, outcome=outcome, was_minor_at_act=was_minor, regime=regime)
    now = replace(now, complaint=complaint if status is S.CONCLUDED else None)
    told = {each.move: each for each in possible_moves(BOTH, now)}
    assert list(told) == legal_moves(BOTH, now)
    for possible in told.values():
        for facts in sendable(possible):
            check_move(facts, parties=BOTH, standing=now)


def sendable(possible: Possible) -> Iterator[MoveFacts]:
    """Whatever whoever was told of it could send."""
    ends: list[PossibleEnd | None] = [*possible.outcomes]
    for end in ends or [None]:
        needs = end or possible
        reasons: list[MoveReason | None] = [*needs.reasons]
        for reason in reasons or [None]:
            for said in (False,) if reason is R.MEANS_NOT_ESTABLISHED else AGES:
                yield MoveFacts(
                    possible.move,
                    outcome=end.outcome if end else None,
                    reason=reason,
                    grounds=WITNESS if needs.grounds else (),
                    evidence_ref="90/CATP" if possible.move is Move.KEEP else None,
                    organisation_id=new_id() if possible.move is Move.ASSIGN else None,
                    received_on=TODAY if possible.move is Move.COMPLAIN else None,
                    was_minor_at_act=said if possible.move is Move.CONCLUDE else None,
                )


def test_reasons_that_are_not_told_are_refused() -> None:
    now = standing(S.IN_PROGRESS, was_minor_at_act=True)
    told = {each.move: each for each in possible_moves(BOTH, now)}[Move.CONCLUDE]
    for end in told.outcomes:
        for reason in set(R) - set(end.reasons):
            facts = MoveFacts(Move.CONCLUDE, outcome=end.outcome, grounds=WITNESS, reason=reason)
            with pytest.raises(ReasonUnfit):
                check_move(facts, parties=BOTH, standing=now)
