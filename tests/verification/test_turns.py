"""I1 for people, as the rows of verification tell it: who must act, since when and why."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Turn, Who, Why
from services.verification import domain
from services.verification.policy import Move, MoveFacts, MoveReason
from tests.verification.builders import COMPLAIN, IDENTIFY, NEGATIVE, REOPEN, START, Bench

PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)


def told(session: Session) -> list[Turn]:
    session.flush()
    connection = session.connection().connection.driver_connection
    assert connection is not None
    return turns.sentences(connection.execute(turns.VERIFYING).fetchall())


def test_a_verification_without_an_authority_is_the_case_owners_turn(bench: Bench) -> None:
    made = bench.opened()
    (turn,) = told(bench.session)
    assert (turn.case_id, turn.subject) == (str(made.case_id), str(made.id))
    assert (turn.who, turn.organisation_id) == (Who.CASE_OWNER, None)
    assert (turn.since, turn.why) == (bench.now, Why.VERIFICATION_OPENED)


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ([], Why.VERIFICATION_ASSIGNED),
        ([START], Why.VERIFICATION_IN_PROGRESS),
        ([START, PAUSE], Why.VERIFICATION_PAUSED),
        ([START, EXTEND], Why.VERIFICATION_EXTENDED),
        ([START, NEGATIVE, REOPEN], Why.VERIFICATION_ASSIGNED),
        ([START, NEGATIVE, COMPLAIN], Why.COMPLAINT_RECEIVED),
        ([START, NEGATIVE, COMPLAIN, REOPEN], Why.VERIFICATION_ASSIGNED),
    ],
)
def test_an_open_verification_is_its_verifiers_turn(
    bench: Bench, moves: list[MoveFacts], why: Why
) -> None:
    bench.police()
    made = bench.opened()
    later = bench.at(bench.now + timedelta(hours=1))
    if moves:
        later.move(made, *moves)
    (turn,) = told(bench.session)
    assert (turn.who, turn.organisation_id) == (Who.VERIFIER, str(made.verifier_id))
    assert turn.why == why
    assert turn.since == (later.now if moves else bench.now)


def test_one_whose_authority_may_not_decide_any_more_is_the_case_owners(bench: Bench) -> None:
    police = bench.police()
    made = bench.opened()
    later = bench.at(bench.now + timedelta(days=1))
    later.organisation(organisation_id=police)
    domain.watch_standstills(later.session, later.now)
    (turn,) = told(later.session)
    assert (turn.subject, turn.since, turn.why) == (str(made.id), later.now, Why.AUTHORITY_ENDED)
    assert (turn.who, turn.organisation_id) == (Who.CASE_OWNER, None)


def test_a_concluded_verification_is_nobodys_turn_any_more(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, IDENTIFY)
    assert told(bench.session) == []
