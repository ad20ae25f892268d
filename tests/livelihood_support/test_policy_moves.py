"""The graph of moves, held against the published one it follows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.livelihood_support.errors import (
    MoveNotAllowed,
    OutcomeMissing,
    OutcomeUnused,
    QuestionsMissing,
    QuestionsUnused,
    ReasonMissing,
    ReasonReserved,
    ReasonUnused,
    ReplyMissing,
    ReplyUnused,
)
from services.livelihood_support.policy import (
    ALLOWED_MOVES,
    ASK_AGAIN,
    EVERY_MOVE,
    EXCHANGE_STEPS,
    REPLIES,
    Inquiry,
    Move,
    Party,
    QuestionCode,
    ReplyCode,
    check_move,
    legal_moves,
    possible_moves,
)
from services.livelihood_support.policy.moves import RESERVED_REASONS
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome
from tests.published import published

S = ReferralStatus
ENDS = {S.COMPLETED, S.FAILED, S.CANCELLED}
"""For whoever made the move. What failed goes on elsewhere, by the exchange's own step."""
STEPS = {
    (source, step.to)
    for step in ALLOWED_MOVES.values()
    for source in step.sources
    if step.to is not None
}
OURS_ALONE = {S.UNPLACED}
NOT_HERE_YET = {S.DRAFT, S.ENTERED_IN_ERROR}
TASKS: dict[str, Any] = published("referral_tasks.json")


def named(status: str) -> ReferralStatus:
    return ReferralStatus(status.replace("-", "_"))


def test_our_steps_are_the_published_ones() -> None:
    theirs = {(named(source), named(to)) for source, to in TASKS["transitions"] if source != "*"}
    comparable = {step for step in STEPS if not OURS_ALONE & set(step)}
    assert comparable == {step for step in theirs if not NOT_HERE_YET & set(step)}


def test_the_side_that_sets_a_status_is_the_published_one() -> None:
    for step in ALLOWED_MOVES.values():
        if step.to is not None:
            assert step.by in TASKS["set_by"][step.to.replace("_", "-")]


def test_a_reason_is_asked_for_where_the_profile_asks_for_one() -> None:
    ours = {step.to for step in ALLOWED_MOVES.values() if step.needs_reason}
    assert ours == {named(status) for status in TASKS["reason_required_for"]}


def test_nothing_follows_on_an_end() -> None:
    assert not {source for source, _ in STEPS} & ENDS
    legal = {it for party in Party for end in ENDS for it in legal_moves(party, end)}
    assert not any(ALLOWED_MOVES[move].to for move in legal)


def test_only_the_case_owner_says_that_consent_was_withdrawn() -> None:
    giving = {move for move, step in ALLOWED_MOVES.items() if step.may_give}
    assert giving == {Move.CANCEL}
    assert ALLOWED_MOVES[Move.CANCEL].may_give == {ReasonCode.CONSENT_WITHDRAWN}


def test_only_whoever_is_asked_says_that_they_are_full() -> None:
    can_say_so = {move for move, step in ALLOWED_MOVES.items() if step.needs_reason} - {Move.CANCEL}
    for move in can_say_so:
        assert ReasonCode.CAPACITY in ALLOWED_MOVES[move].usable_reasons
    with pytest.raises(ReasonReserved) as refused:
        check_move(
            Move.CANCEL,
            party=Party.REQUESTER,
            status=S.REQUESTED,
            reason=ReasonCode.CAPACITY,
            outcome=None,
        )
    offered = refused.value.facts["reasons"]
    assert ReasonCode.CAPACITY not in offered
    assert {ReasonCode.PERSON_DECLINED, ReasonCode.ELIGIBILITY} <= set(offered)


def test_a_purge_is_owed_after_the_end_as_well() -> None:
    for end in ENDS:
        assert legal_moves(Party.TARGET, end, owes_purge=True) == [Move.CONFIRM_PURGE]
        assert Move.CONFIRM_PURGE not in legal_moves(Party.REQUESTER, end, owes_purge=True)


def test_a_service_that_ended_well_is_confirmed_once() -> None:
    assert legal_moves(Party.REQUESTER, S.COMPLETED) == [Move.CONFIRM]
    assert legal_moves(Party.REQUESTER, S.COMPLETED, is_confirmed=True) == []
    assert legal_moves(Party.REQUESTER, S.CANCELLED) == []


def test_whatever_is_not_ended_can_be_moved_by_someone() -> None:
    live = set(S) - ENDS - NOT_HERE_YET - {S.REJECTED}
    assert all(any(legal_moves(party, status) for party in Party) for status in live)
    assert S.REJECTED in {source for source, _ in EXCHANGE_STEPS}


@pytest.mark.parametrize("passed_through", [S.REJECTED, S.FAILED])
def test_what_is_rejected_or_fails_goes_to_the_next_or_waits_for_a_place(
    passed_through: ReferralStatus,
) -> None:
    follows = {to for source, to in EXCHANGE_STEPS if source is passed_through}
    assert follows == {S.REQUESTED, S.UNPLACED}


def test_every_reason_says_whether_to_ask_again() -> None:
    assert ASK_AGAIN.keys() == set(ReasonCode)


INQUIRIES = st.builds(
    Inquiry,
    questions=st.lists(st.sampled_from(QuestionCode), max_size=3),
    question_id=st.none() | st.uuids(),
    reply=st.none() | st.sampled_from(ReplyCode),
)


@given(
    move=st.sampled_from(Move),
    party=st.sampled_from(Party),
    status=st.sampled_from(S),
    reason=st.none() | st.sampled_from(ReasonCode),
    outcome=st.none() | st.sampled_from(ServiceOutcome),
    inquiry=INQUIRIES,
    owes_purge=st.booleans(),
    open_questions=st.frozensets(st.sampled_from(QuestionCode)),
)
def test_a_move_is_taken_or_refused_for_a_named_reason(
    move: Move,
    party: Party,
    status: ReferralStatus,
    reason: ReasonCode | None,
    outcome: ServiceOutcome | None,
    *,
    inquiry: Inquiry,
    owes_purge: bool,
    open_questions: frozenset[QuestionCode],
) -> None:
    step = ALLOWED_MOVES[move]
    is_whole = inquiry.question_id is not None and inquiry.reply is not None
    refusal = next(
        (
            error
            for error, holds in (
                (MoveNotAllowed, step.by is not party or status not in step.sources),
                (MoveNotAllowed, move is Move.CONFIRM_PURGE and not owes_purge),
                (MoveNotAllowed, move is Move.REPLY and not open_questions),
                (ReasonMissing, step.needs_reason and reason is None),
                (ReasonUnused, not step.needs_reason and reason is not None),
                (ReasonReserved, reason in RESERVED_REASONS - step.may_give),
                (ReasonReserved, reason is ReasonCode.CAPACITY and step.by is Party.REQUESTER),
                (OutcomeMissing, step.needs_outcome and outcome is None),
                (OutcomeUnused, not step.needs_outcome and outcome is not None),
                (QuestionsMissing, move is Move.ASK and not inquiry.questions),
                (QuestionsUnused, move is not Move.ASK and bool(inquiry.questions)),
                (ReplyMissing, move is Move.REPLY and not is_whole),
                (ReplyUnused, move is not Move.REPLY and inquiry.is_reply),
            )
            if holds
        ),
        None,
    )
    facts = {
        "party": party,
        "status": status,
        "reason": reason,
        "outcome": outcome,
        "inquiry": inquiry,
        "owes_purge": owes_purge,
        "open_questions": open_questions,
    }
    if refusal is None:
        assert check_move(move, **facts) is step  # type: ignore[arg-type]
    else:
        with pytest.raises(refusal):
            check_move(move, **facts)  # type: ignore[arg-type]


@given(moves=st.lists(st.tuples(st.sampled_from(Party), st.sampled_from(Move)), max_size=20))
def test_no_walk_leaves_the_graph_and_none_leaves_an_end(moves: list[tuple[Party, Move]]) -> None:
    status = S.REQUESTED
    for party, move in moves:
        if move not in legal_moves(party, status):
            continue
        before = status
        status = ALLOWED_MOVES[move].to or status
        assert before not in ENDS or status is before
        if status in {S.REJECTED, S.FAILED}:
            status = S.REQUESTED
    assert status in set(S) - NOT_HERE_YET


def test_an_illegal_move_names_the_legal_ones() -> None:
    with pytest.raises(MoveNotAllowed) as refused:
        check_move(Move.START, party=Party.TARGET, status=S.REQUESTED, reason=None, outcome=None)
    assert refused.value.facts == {
        "status": S.REQUESTED,
        "legal": [Move.SEEN, Move.ASK, Move.ACCEPT, Move.REJECT],
    }


@given(
    status=st.sampled_from(S),
    parties=st.frozensets(st.sampled_from(Party)),
    open_questions=st.frozensets(st.sampled_from(QuestionCode)),
)
def test_what_is_open_is_replied_to_and_only_what_is_not_is_asked(
    status: ReferralStatus, parties: frozenset[Party], open_questions: frozenset[QuestionCode]
) -> None:
    found = possible_moves(
        parties, status, owes_purge=False, is_confirmed=False, open_questions=open_questions
    )
    can = {each.move: each for each in found}
    waits = status is S.REQUESTED
    left = set(QuestionCode) - open_questions
    assert (Move.ASK in can) == (waits and Party.TARGET in parties and bool(left))
    assert (Move.REPLY in can) == (waits and Party.REQUESTER in parties and bool(open_questions))
    if Move.ASK in can:
        assert set(can[Move.ASK].questions) == left
    assert all(not each.questions for move, each in can.items() if move is not Move.ASK)
    without = possible_moves(parties, status, owes_purge=False, is_confirmed=False)
    about_questions = {Move.ASK, Move.REPLY}
    assert set(can) - about_questions == {each.move for each in without} - about_questions


def test_a_question_ends_nothing_and_moves_nothing() -> None:
    for move in (Move.ASK, Move.REPLY):
        step = ALLOWED_MOVES[move]
        assert step.to is None
        assert step.sources == {S.REQUESTED}
    assert ALLOWED_MOVES.keys() == EVERY_MOVE


def test_every_question_has_replies_and_no_call_is_answered_yes_or_no() -> None:
    assert REPLIES.keys() == set(QuestionCode)
    assert all(ReplyCode.AGREED_BY_PHONE in replies for replies in REPLIES.values())
    assert not {ReplyCode.YES, ReplyCode.NO} & set(REPLIES[QuestionCode.CALL_US])
