"""Opening and assigning, against real rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.models import Organisation, Verification
from services.verification.models import VerifierRole as VerifierRoleRow
from services.verification.policy import Move, MoveFacts, MoveReason
from shared.contracts import (
    Message,
    Queue,
    Reception,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import (
    OrganisationKind,
    PaperType,
    Regime,
    Route,
    VerificationOutcome,
)
from shared.kit.round_trips import send
from shared.rulebook.reading import forget_rules
from tests.verification.builders import (
    Bench,
    verifier,
)

Told = Callable[[Queue], list[Message]]
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
RESUME = MoveFacts(Move.RESUME)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
OLD_LAW = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
"""The last minute of the old law in Hải Phòng."""


def reception_of(case: domain.CaseFacts) -> Reception:
    """What notification is to know of a case, as intake told it."""
    return Reception(
        case_code=case.case_code,
        receiver_id=case.receiver_id,
        area_code=case.area_code,
        told_at=case.shown_at,
        has_immediate_needs=case.has_immediate_needs,
    )


def test_a_case_without_proof_is_assigned_and_told(bench: Bench, told: Told) -> None:
    police = bench.police()
    case = bench.case()
    bench.open(case)
    made = bench.of(case.case_id)
    assert (made.status, made.verifier_id, made.regime) == ("assigned", police, "2024")
    assert (bench.asked_on(made), bench.due_on(made)) == (date(2026, 3, 2), None)
    expected = VerificationOpened(
        occurred_at=bench.now,
        case_id=made.case_id,
        verification_id=made.id,
        verifier_id=police,
        regime=Regime.LAW_2024,
        move_id=bench.steps(made)[0].id,
        reception=reception_of(case),
    )
    assert told(Queue.NOTIFICATION) == told(Queue.INTAKE) == [expected]
    assert told(Queue.LIVELIHOOD_SUPPORT) == []
    (step,) = bench.steps(made)
    assert (step.move, step.from_status, step.to_status, step.version) == (
        "open",
        None,
        "assigned",
        1,
    )


def test_a_proof_paper_concludes_at_once_and_only_that_is_told(bench: Bench, told: Told) -> None:
    bench.police()
    case = bench.case(papers=[PaperType.DECLARATION, PaperType.POLICE_CERTIFICATE])
    bench.open(case)
    made = bench.of(case.case_id)
    assert (made.status, made.outcome, made.proof, made.verifier_id) == (
        "concluded",
        "identified",
        "POLICE_CERTIFICATE",
        None,
    )
    expected = VerificationConcluded(
        occurred_at=bench.now,
        case_id=made.case_id,
        verification_id=made.id,
        outcome=VerificationOutcome.IDENTIFIED,
        regime=Regime.LAW_2024,
        proof=PaperType.POLICE_CERTIFICATE,
        opened_at=bench.now,
        move_id=bench.steps(made)[0].id,
        identified_on=bench.now.date(),
        reception=reception_of(case),
    )
    for queue in VerificationConcluded.to:
        assert told(queue) == [expected]
    assert [step.to_status for step in bench.steps(made)] == ["concluded"]


@pytest.mark.parametrize(
    ("issued_on", "regime"), [(date(2025, 6, 30), "2011"), (date(2025, 7, 1), "2024")]
)
def test_who_was_identified_under_the_old_law_keeps_it_whenever_the_paper_is_shown(
    bench: Bench, told: Told, issued_on: date, regime: str
) -> None:
    made = bench.opened(papers=[PaperType.POLICE_CERTIFICATE], issued_on=issued_on)
    assert (made.identified_on, made.regime) == (issued_on, regime)
    (message,) = told(Queue.LIVELIHOOD_SUPPORT)
    assert isinstance(message, VerificationConcluded)
    assert message.regime == regime


def test_the_day_of_a_paper_that_proves_nothing_decides_nothing(bench: Bench) -> None:
    made = bench.opened(papers=[PaperType.DECLARATION], issued_on=date(2020, 2, 12))
    assert (made.identified_on, made.regime) == (None, "2024")


def test_a_return_certificate_proves_nothing_outside_a_handover(bench: Bench) -> None:
    papers = [PaperType.RETURN_CERTIFICATE]
    elsewhere = bench.opened(route=Route.SELF_REPORT, papers=papers)
    handed_over = bench.opened(route=Route.BILATERAL_HANDOVER, papers=papers)
    assert (elsewhere.outcome, handed_over.outcome) == (None, "identified")


@contextmanager
def statements_of(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def test_a_frame_of_cases_costs_as_many_statements_as_one(bench: Bench) -> None:
    bench.police()

    def statements(count: int) -> int:
        cases = [
            bench.case(papers=[PaperType.POLICE_CERTIFICATE] if place % 2 else [])
            for place in range(count)
        ]
        # Each frame is a transaction of its own, which reads the rows of law once.
        forget_rules(bench.session)
        with statements_of(bench.session) as seen:
            bench.open(*cases)
        stored = bench.session.scalars(
            select(Verification.case_id).where(
                Verification.case_id.in_([case.case_id for case in cases])
            )
        ).all()
        assert len(stored) == count
        return len(seen)

    assert statements(64) == statements(1) <= 3


@pytest.mark.parametrize(("papers", "looks"), [([PaperType.POLICE_CERTIFICATE], 0), ([], 1)])
def test_an_authority_is_looked_for_only_where_no_paper_proves(
    bench: Bench, papers: list[PaperType], looks: int
) -> None:
    bench.police()
    proven = bench.case(papers=[PaperType.POLICE_CERTIFICATE])
    with statements_of(bench.session) as seen:
        bench.open(proven, bench.case(papers=papers))
    assert len([it for it in seen if "FROM organisations" in it]) == looks


def test_a_case_is_opened_once(bench: Bench) -> None:
    case = bench.case()
    bench.open(case)
    bench.open(case)
    with pytest.raises(IntegrityError):
        send(bench.session)


def test_without_an_authority_a_verification_is_open_and_visible(bench: Bench, told: Told) -> None:
    made = bench.opened()
    assert (made.status, made.verifier_id) == ("opened", None)
    (message,) = told(Queue.INTAKE)
    assert isinstance(message, VerificationOpened)
    assert message.verifier_id is None


def test_the_sweep_finds_an_authority_that_has_come_since(bench: Bench, told: Told) -> None:
    made = bench.opened()
    police = bench.police()
    later = bench.at(bench.now + timedelta(minutes=1))
    assert domain.assign_waiting(bench.session, later.now) == 1
    assert (made.status, made.verifier_id, made.version) == ("assigned", police, 2)
    first, second = told(Queue.NOTIFICATION)
    assert isinstance(first, VerificationOpened)
    assert isinstance(second, VerificationOpened)
    assert (first.verifier_id, second.verifier_id) == (None, police)
    assert first.reception is not None, "whether or not anybody is found who may decide"
    assert second.reception is None, "it is told once"
    (_, step) = bench.steps(made)
    assert (step.actor, step.move, step.from_status) == (
        "sweep:assign_waiting",
        "assign",
        "opened",
    )
    assert domain.assign_waiting(bench.session, later.now) == 0


def test_what_still_has_no_authority_keeps_nobody_from_their_turn(bench: Bench) -> None:
    bench.open(*[bench.case(area_code="99999") for _ in range(70)])
    theirs = bench.organisation(verifier("11560"))
    bench.session.execute(update(Verification).values(look_again_at=bench.now))
    late = bench.case(area_code="11560")
    bench.open(late)
    bench.session.execute(
        update(Verification)
        .where(Verification.case_id == late.case_id, Verification.status == "opened")
        .values(look_again_at=bench.now)
    )
    looked_at = 0
    while count := domain.assign_waiting(bench.session, bench.now):
        looked_at += count
    assert looked_at == 70
    assert bench.of(late.case_id).verifier_id == theirs


def test_a_role_that_begins_later_assigns_on_its_first_day(bench: Bench) -> None:
    police = bench.organisation(verifier(since=date(2026, 3, 3)))
    made = bench.opened()
    assert made.status == "opened"
    tomorrow = bench.now + timedelta(days=1)
    domain.assign_waiting(bench.session, tomorrow)
    bench.session.refresh(made)
    assert (made.verifier_id, bench.asked_on(made)) == (police, date(2026, 3, 3))


def test_an_organisation_told_again_replaces_what_it_was(bench: Bench) -> None:
    police = bench.organisation(verifier("31"), verifier("11560"))
    bench.organisation(organisation_id=police, code="moi", kind=OrganisationKind.HOSPITAL)
    assert bench.session.scalars(select(VerifierRoleRow)).all() == []
    kept = bench.session.scalars(
        select(Organisation).execution_options(populate_existing=True)
    ).one()
    assert (kept.code, kept.kind) == ("moi", "hospital")


def test_an_inactive_authority_is_given_nothing(bench: Bench) -> None:
    bench.organisation(verifier(), is_active=False)
    assert bench.opened().verifier_id is None


def test_the_old_law_gives_a_clock_and_the_new_one_none(bench: Bench) -> None:
    bench.police()
    old = bench.at(OLD_LAW).opened()
    assert (old.regime, bench.due_on(old)) == ("2011", date(2025, 7, 21))
    new = bench.at(OLD_LAW + timedelta(minutes=1)).opened()
    assert (new.regime, bench.asked_on(new), bench.due_on(new)) == ("2024", date(2025, 7, 1), None)
