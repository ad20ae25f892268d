"""Moving and reading, against real rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.errors import (
    GroundsMissing,
    MoveNotAllowed,
    VerificationNotFound,
    VerifierUnfit,
)
from services.verification.models import Verification
from services.verification.policy import Move, MoveFacts, MoveReason
from shared.contracts import Message, Queue, VerificationConcluded, VerificationOpened
from shared.contracts.vocabulary import (
    OrganisationKind,
    PaperType,
    Role,
    VerificationOutcome,
)
from shared.kit.audit import AUDIT
from shared.kit.database import Begin, savepoint
from shared.kit.errors import VersionChanged
from shared.kit.identifiers import new_id
from shared.law import End, rules
from tests.verification.builders import (
    IDENTIFY,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    case_owner,
    reader_of,
    verifier,
)

Told = Callable[[Queue], list[Message]]
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
RESUME = MoveFacts(Move.RESUME)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
OLD_LAW = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
"""The last minute of the old law in Hải Phòng."""


def test_extending_lengthens_the_period_once(bench: Bench) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.move(made, START, EXTEND, PAUSE, RESUME)
    assert (made.status, bench.is_extended(made), bench.due_on(made)) == (
        "extended",
        True,
        date(2025, 9, 3),
    )
    with pytest.raises(MoveNotAllowed):
        bench.move(made, EXTEND)


def noon(day: int) -> datetime:
    """Noon of a day of July 2025."""
    return datetime(2025, 7, day, 5, tzinfo=UTC)


def why(bench: Bench, made: Verification) -> End:
    """Why the decision is due when it is, as the interface shows it."""
    end = bench.clock(made).end
    assert end is not None
    assert end.last_day == bench.due_on(made)
    return end


def test_a_pause_moves_the_date_and_the_date_says_so(bench: Bench) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.at(noon(2)).move(made, START)
    bench.at(noon(3)).move(made, PAUSE)
    assert why(bench, made).last_day == date(2025, 7, 21)
    bench.at(noon(8)).move(made, RESUME)
    end = why(bench, made)
    # The 4th to the 8th began during the pause: five days after Sunday the 20th, a Friday.
    assert (bench.due_on(made), end.moved) == (date(2025, 7, 25), None)
    assert [each.day.day for each in end.skipped] == [4, 5, 6, 7, 8]
    (pause,) = end.pauses
    assert (pause.since, pause.until, pause.reason) == (noon(3), noon(8), "person_unavailable")


def test_another_authority_ends_a_pause_and_the_date_is_moved(bench: Bench) -> None:
    police = bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.at(noon(2)).move(made, START, PAUSE)
    assign = MoveFacts(Move.ASSIGN, organisation_id=police)
    bench.at(noon(7)).move(made, assign, subject=case_owner())
    assert (bench.due_on(made), len(why(bench, made).pauses)) == (date(2025, 7, 25), 1)


def test_an_extension_keeps_the_pauses_before_it(bench: Bench) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.at(noon(2)).move(made, START, PAUSE)
    bench.at(noon(7)).move(made, RESUME, EXTEND)
    # Two months end on 30 August; five days later, after the National Day.
    assert bench.due_on(made) == date(2025, 9, 4)
    assert [each.reason for each in why(bench, made).skipped] == ["paused"] * 5


def test_a_new_run_has_none_of_the_pauses_before_it(bench: Bench) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.at(noon(2)).move(made, START, PAUSE)
    bench.at(noon(7)).move(made, RESUME, NEGATIVE)
    bench.at(noon(8)).move(made, REOPEN, subject=case_owner())
    end = why(bench, made)
    assert (bench.due_on(made), end.started_on, end.pauses) == (
        date(2025, 7, 28),
        date(2025, 7, 8),
        (),
    )


def test_identifying_by_the_new_law_does_not_change_what_the_decision_was_due_by(
    bench: Bench,
) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.at(noon(2)).move(made, START, IDENTIFY)
    assert (made.regime, bench.due_on(made)) == ("2024", date(2025, 7, 21))
    rule = domain.decision_period(rules(), made, bench.clock(made))
    assert (rule.regime, why(bench, made).period) == ("2011", rule)


class Restored(Exception):
    """The database is put back to where it was."""


@pytest.mark.parametrize("again", [IDENTIFY, NEGATIVE])
def test_a_decision_is_the_same_one_after_a_restore_only_if_it_says_the_same(
    bench: Bench, told: Told, again: MoveFacts
) -> None:
    bench.police()
    case_id = bench.opened().case_id
    decisions: list[VerificationConcluded] = []
    for decision in (IDENTIFY, again):
        with suppress(Restored), savepoint(bench.session):
            bench.move(bench.of(case_id), START, decision)
            found = told(Queue.NOTIFICATION)
            decisions += [it for it in found if isinstance(it, VerificationConcluded)]
            raise Restored
    first, second = decisions
    assert (first.move_id == second.move_id) is (again is IDENTIFY)


def test_an_identification_fixes_the_law_of_its_day(bench: Bench) -> None:
    bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.move(made, START, IDENTIFY)
    assert (made.regime, made.outcome) == ("2024", "identified")


def test_a_negative_decision_leaves_the_law_and_opens_the_window(bench: Bench, told: Told) -> None:
    police = bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.move(made, START, NEGATIVE)
    assert (made.regime, made.reason, made.evidence_ref) == (
        "2011",
        "evidence_insufficient",
        "15/KL-CATP",
    )
    window = domain.find_complaints(bench.session, [made])[made.id]["complaint"]
    assert isinstance(window, dict)
    assert (window["not_before"], window["is_running"]) == (date(2026, 6, 1), True)
    (message,) = told(Queue.LIVELIHOOD_SUPPORT)
    assert isinstance(message, VerificationConcluded)
    assert (message.outcome, message.verifier_id) == (VerificationOutcome.NOT_IDENTIFIED, police)
    assert "15/KL-CATP" not in message.model_dump_json()


def test_the_database_refuses_a_negative_decision_without_its_reason(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, NEGATIVE)
    with pytest.raises(IntegrityError, match="negative_says_why"):
        bench.session.execute(update(Verification).values(reason=None))


def test_every_step_is_kept_audited_and_numbered(
    bench: Bench, settle: Callable[[], None], told: Told
) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, PAUSE, RESUME, EXTEND, NEGATIVE, REOPEN, START, IDENTIFY)
    steps = bench.steps(made)
    path = "assigned in_progress paused in_progress extended concluded assigned in_progress"
    assert [step.to_status for step in steps] == [*path.split(), "concluded"]
    assert [step.version for step in steps] == list(range(1, 10))
    assert made.version == 9
    assert [step.from_status for step in steps[1:]] == [step.to_status for step in steps[:-1]]
    settle()
    audited = bench.session.execute(
        select(AUDIT.c.action, AUDIT.c.facts)
        .where(AUDIT.c.object_id == made.id)
        .order_by(AUDIT.c.id)
    ).all()
    assert [row.action for row in audited] == [f"verification.{step.move}" for step in steps]
    assert [row.facts["version"] for row in audited] == list(range(1, 10))
    kinds = [type(message) for message in told(Queue.INTAKE)]
    opened, concluded = VerificationOpened, VerificationConcluded
    assert kinds == [opened, concluded, opened, concluded]


def test_reopening_forgets_the_end_but_not_its_moves(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, NEGATIVE, REOPEN)
    assert (made.status, made.outcome, made.reason, made.grounds) == ("assigned", None, None, [])
    assert (made.evidence_ref, made.concluded_at) == (None, None)
    ended = bench.steps(made)[2]
    assert (ended.outcome, ended.evidence_ref) == ("not_identified", "15/KL-CATP")
    assert ended.grounds == ["other_victim_or_witness", "rescuing_body"]


def test_an_identification_cannot_be_reopened(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, IDENTIFY)
    with pytest.raises(MoveNotAllowed) as refused:
        bench.move(made, REOPEN)
    assert refused.value.facts["legal"] == []


def test_a_case_owner_may_give_it_to_another_authority(bench: Bench, told: Told) -> None:
    police = bench.police()
    command = bench.organisation(verifier(), kind=OrganisationKind.BORDER_GUARD, code="bien-phong")
    made = bench.opened()
    bench.move(made, START)
    bench.move(made, MoveFacts(Move.ASSIGN, organisation_id=command), subject=case_owner())
    assert (made.status, made.verifier_id) == ("assigned", command)
    assert told(Queue.NOTIFICATION)[-1].verifier_id == command  # type: ignore[attr-defined]
    with pytest.raises(VerificationNotFound):
        bench.move(made, START, subject=reader_of(police))


def test_only_who_verifies_there_today_can_be_given_it(bench: Bench) -> None:
    made = bench.opened()
    elsewhere = bench.organisation(verifier("11914"))
    ended = bench.organisation(verifier(until=date(2025, 3, 1)), code="cu")
    for organisation_id in (elsewhere, ended, new_id()):
        with pytest.raises(VerifierUnfit):
            bench.move(
                made, MoveFacts(Move.ASSIGN, organisation_id=organisation_id), subject=case_owner()
            )


def test_changing_the_authority_does_not_start_the_period_again(bench: Bench) -> None:
    police = bench.police()
    made = bench.at(OLD_LAW).opened()
    bench.move(made, MoveFacts(Move.ASSIGN, organisation_id=police), subject=case_owner())
    assert (bench.asked_on(made), bench.due_on(made)) == (date(2025, 6, 30), date(2025, 7, 21))


@pytest.mark.parametrize(
    "subject",
    [reader_of(None), reader_of(None, Role.PROVIDER), reader_of(None, Role.RECEIVER)],
)
def test_someone_elses_verification_is_not_there(bench: Bench, subject: object) -> None:
    bench.police()
    made = bench.opened()
    with pytest.raises(VerificationNotFound):
        bench.move(made, START, subject=subject)  # type: ignore[arg-type]
    with pytest.raises(VerificationNotFound):
        domain.find_verification(
            bench.session,
            verification_id=made.id,
            subject=subject,  # type: ignore[arg-type]
            now=bench.now,
        )


def test_the_authority_may_not_move_once_it_is_no_verifier(bench: Bench) -> None:
    police = bench.police()
    made = bench.opened()
    with pytest.raises(VerificationNotFound):
        bench.move(made, START, subject=reader_of(police, Role.RECEIVER))


def test_a_move_on_what_has_changed_since_is_refused(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START)
    with pytest.raises(VersionChanged):
        bench.move(made, PAUSE, version=1)
    assert made.status == "in_progress"


def test_of_two_decisions_at_once_one_is_taken(begin: Begin, now: datetime) -> None:
    with begin() as session:
        Bench(session, now).police()
        made = Bench(session, now).opened()

    def decide(facts: MoveFacts) -> str:
        try:
            with begin() as session:
                Bench(session, now).move(made, facts, version=2)
        except VersionChanged:
            return "too late"
        return "taken"

    with begin() as session:
        Bench(session, now).move(made, START)
    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(decide, [IDENTIFY, NEGATIVE])) == ["taken", "too late"]
    with begin() as session:
        assert [step.version for step in Bench(session, now).steps(made)] == [1, 2, 3]


def test_a_refused_move_leaves_no_trace(bench: Bench, told: Told) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START)
    before = len(told(Queue.INTAKE))
    with pytest.raises(GroundsMissing):
        bench.move(made, MoveFacts(Move.CONCLUDE, outcome=VerificationOutcome.IDENTIFIED))
    bench.session.expire_all()
    assert (bench.of(made.case_id).version, len(bench.steps(made))) == (2, 2)
    assert len(told(Queue.INTAKE)) == before


def test_each_reader_finds_what_is_theirs_in_order(bench: Bench) -> None:
    police = bench.police()
    mine = [bench.opened() for _ in range(3)]
    other = bench.opened(area_code="11560", papers=[PaperType.POLICE_CERTIFICATE])
    everything = {
        "now": bench.now,
        "status": None,
        "case_id": None,
        "is_open": False,
        "after": None,
        "size": 10,
    }
    find = domain.find_verifications
    theirs = find(bench.session, subject=reader_of(police), **everything)  # type: ignore[arg-type]
    assert [each.id for each in theirs] == [each.id for each in mine]
    owners = find(bench.session, subject=case_owner(), **everything)  # type: ignore[arg-type]
    assert [each.id for each in owners] == [each.id for each in [*mine, other]]
    assert find(bench.session, subject=reader_of(None), **everything) == []  # type: ignore[arg-type]


def test_no_column_has_room_for_a_person(session: Session) -> None:
    columns = session.scalars(
        text(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name IN ('verifications', 'verification_moves')"
        )
    ).all()
    assert "case_id" in columns
    assert not {"name", "phone", "address", "note", "text", "full_name"} & set(columns)


def test_each_end_within_one_instant_is_told_with_the_move_that_made_it(
    bench: Bench, told: Told
) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, NEGATIVE, REOPEN, START, IDENTIFY)
    steps = [step.id for step in bench.steps(made) if step.move in {"open", "conclude", "reopen"}]
    heard = told(Queue.NOTIFICATION)
    assert len({each.occurred_at for each in heard}) == 1
    assert [each.move_id for each in heard] == steps  # type: ignore[attr-defined]
