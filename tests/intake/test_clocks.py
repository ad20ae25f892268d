"""The time of a first look is on a clock: it warns, goes on to whoever leads, and is late.

A child's case, received at noon on Monday, 2 March 2026: three days end with Thursday, 5 March.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update

from services.intake import api, domain, tasks
from services.intake.models import Case, HeldRole, InitialCheck, JourneyStep
from services.intake.policy import Duty, InitialCheckOutcome, StepKind
from shared import clocks
from shared.clocks import CLOCKS, Clock
from shared.contracts import (
    IntakeRuleRehearsed,
    Message,
    Queue,
    RuleChanged,
    RuleProposed,
)
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime, Role, Route, VerificationOutcome
from shared.duties.api import duties_routes
from shared.duties.running_api import running_routes
from shared.kit.audit import AUDIT
from shared.kit.clock import start_of_day
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from tests.intake.acting import Scene, organisation, owner_of
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON, facts, receive, submission
from tests.intake.messages import concluded, opened

CHECK = PeriodKey.RECEPTION_INITIAL_CHECK
RECEIVED = "case.received"
DUE = start_of_day(date(2026, 3, 6))
WARNED, WITH_HEAD = start_of_day(date(2026, 3, 3)), start_of_day(date(2026, 3, 5))
THEN = (
    (NOON + timedelta(minutes=1), None),
    (WARNED, "officer"),
    (WITH_HEAD, "head"),
    (DUE, "department"),
)
"""What is so of a clock from each of these moments on: the level that it has come to."""

Told = Callable[[Queue], list[Message]]


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES), running_routes(domain.RUNNING)]


@pytest.fixture
def owner(token_for: TokenFor, scene: Scene) -> dict[str, str]:
    return owner_of(token_for, scene)


@pytest.fixture
def manager(token_for: TokenFor, scene: Scene) -> dict[str, str]:
    return token_for("manager", organisation_id=scene.ids["case_owner"], client_id="leads")


def look(begin: Begin, now: datetime) -> int:
    with begin() as session:
        return domain.watch_clocks(session, now)


def pass_to(begin: Begin, now: datetime) -> None:
    """The sweep comes each ten seconds; it has nothing left to do now."""
    while look(begin, now):
        pass


def unclocked(begin: Begin) -> None:
    """As it is before verification has told that it has begun, or before this release."""
    with begin() as session:
        session.execute(delete(CLOCKS))


def clock_of(begin: Begin, scene: Scene) -> Clock:
    with begin() as session:
        return clocks.find(session, RECEIVED, [scene.case_id])[scene.case_id]


def running(client: TestClient, headers: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/intake/v1/clocks", headers=headers).json()
    return found


def whats(client: TestClient, headers: dict[str, str]) -> list[str]:
    listed = client.get("/intake/v1/duties", headers=headers).json()["items"]
    return [each["what"] for each in listed]


def lines(begin: Begin) -> list[tuple[str, str | None, UUID | None]]:
    told = (StepKind.CLOCK_WARNED, StepKind.CLOCK_BREACHED)
    asked = select(JourneyStep).where(JourneyStep.kind.in_(told)).order_by(JourneyStep.id)
    with begin() as session:
        steps = session.scalars(asked).all()
        assert {step.reason for step in steps} <= {CHECK}
        return [(step.kind, step.status, step.organisation_id) for step in steps]


def checked(begin: Begin, scene: Scene, at: datetime) -> None:
    with begin() as session:
        session.add(
            InitialCheck(
                id=new_id(),
                case_id=scene.case_id,
                checked_on=date(2026, 3, 2),
                outcome=InitialCheckOutcome.SIGNS_FOUND,
                organisation_id=scene.ids["case_owner"],
                recorded_by="client:owner",
                recorded_at=at,
            )
        )


def published(amount: int, regime: Regime, day: date, *, moves: bool) -> RuleChanged:
    return RuleChanged(
        occurred_at=NOON,
        rule_id=new_id(),
        ordinal=1,
        key=CHECK,
        regime=regime,
        amount=amount,
        unit=Unit.DAY,
        status=Certainty.ASSUMED,
        valid_from=day,
        applies_to_running=moves,
    )


def test_it_runs_from_the_reception_and_its_owner_reads_it(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin
) -> None:
    assert look(begin, NOON) == 0, "as soon as verification has begun"
    told = running(client, owner)
    (row,) = told["items"]
    assert (row["subject"], row["case_id"], row["case_code"] is not None) == (
        "case",
        str(scene.case_id),
        True,
    )
    assert (row["started_at"], row["due_at"]) == ("2026-03-02T05:00:00Z", "2026-03-05T17:00:00Z")
    assert (row["rule"]["key"], row["why"]["last_day"]) == (CHECK, "2026-03-05")
    assert row["duty"] == Duty.TAKE_FIRST_LOOK
    assert row["link"] == f"/intake/v1/cases/{scene.case_id}/initial-check"
    assert client.get(row["link"], headers=owner).status_code == 200
    assert (told["late"], told["undated"], told["others_by_day"]) == (0, 0, [])


def test_who_does_not_own_the_case_reads_no_clock_of_it(
    client: TestClient, token_for: TokenFor, scene: Scene, manager: dict[str, str], begin: Begin
) -> None:
    pass_to(begin, DUE)
    with begin() as session:
        receiver = session.get_one(Case, scene.case_id).receiver_id
    elsewhere = token_for("case_owner", organisation_id=uuid4(), areas=("11749",))
    sender = token_for("receiver", organisation_id=receiver)
    for headers in (elsewhere, sender, manager):
        assert running(client, headers)["items"] == []


@pytest.mark.parametrize("route", Route)
def test_there_is_one_on_the_routes_whose_law_asks_for_a_first_look(
    begin: Begin, scene: Scene, route: Route
) -> None:
    unclocked(begin)
    with begin() as session:
        session.execute(update(Case).values(route=route))
    assert look(begin, NOON) == (route in {Route.SELF_REPORT, Route.SELF_REPORT_BORDER})


def test_its_owner_is_warned_then_whoever_leads_then_it_is_late(
    client: TestClient, scene: Scene, owner: dict[str, str], manager: dict[str, str], begin: Begin
) -> None:
    department = scene.ids["case_owner"]
    for now, level in THEN:
        pass_to(begin, now - timedelta(seconds=1))
        before = clock_of(begin, scene).level
        pass_to(begin, now)
        found = clock_of(begin, scene)
        assert (found.level, found.breached_at) == (level, DUE if now == DUE else None)
        assert before != level or level is None, "and not a second before"
        is_with_head = level in {"head", "department"}
        assert (Duty.SEE_TO_FIRST_LOOK in whats(client, manager)) is is_with_head
        assert Duty.TAKE_FIRST_LOOK in whats(client, owner)
    assert lines(begin) == [
        (StepKind.CLOCK_WARNED, "officer", department),
        (StepKind.CLOCK_WARNED, "head", department),
        (StepKind.CLOCK_BREACHED, "department", department),
    ]
    told = running(client, owner)
    assert (told["late"], told["items"][0]["breached_at"]) == (1, "2026-03-05T17:00:00Z")
    with begin() as session:
        asked = select(AUDIT.c.action).where(AUDIT.c.actor == "sweep:watch_clocks")
        assert session.scalars(asked.order_by(AUDIT.c.id)).all() == [
            *("clock.warned", "clock.escalated", "clock.breached")
        ]


def test_the_journey_of_the_case_says_so_and_its_turn_stays_as_it_was(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin
) -> None:
    where = f"/intake/v1/cases/{scene.case_id}/journey"
    turn = client.get(where, headers=owner).json()["turn"]
    pass_to(begin, NOON)
    pass_to(begin, DUE)
    read = client.get(where, headers=owner).json()
    (late,) = [each for each in read["steps"] if each["kind"] == StepKind.CLOCK_BREACHED]
    assert (late["reason"], late["status"]) == (CHECK, "department")
    assert read["turn"] == turn


def test_nothing_of_it_is_told_to_another_service(scene: Scene, begin: Begin, told: Told) -> None:
    before = {queue: len(told(queue)) for queue in Queue}
    for now, _ in THEN:
        pass_to(begin, now)
    assert {queue: len(told(queue)) for queue in Queue} == before


def test_it_ends_when_somebody_looked_whenever_the_sweep_saw_it(scene: Scene, begin: Begin) -> None:
    pass_to(begin, NOON)
    at = NOON + timedelta(hours=5)
    checked(begin, scene, at)
    pass_to(begin, DUE)
    assert clock_of(begin, scene).ended_at == at
    assert lines(begin) == [], "of what was done in an outage nobody is warned"


def test_it_ends_with_the_answer_of_verification(scene: Scene, begin: Begin) -> None:
    pass_to(begin, NOON)
    with begin() as session:
        tasks.note_conclusions(session, [concluded(scene.case_id)], NOON)
    pass_to(begin, DUE)
    assert clock_of(begin, scene).ended_at == NOON + timedelta(minutes=2)
    assert lines(begin) == []


def test_a_verification_that_is_opened_again_begins_no_second_time(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin
) -> None:
    pass_to(begin, NOON)
    not_identified = concluded(scene.case_id, VerificationOutcome.NOT_IDENTIFIED)
    with begin() as session:
        tasks.note_conclusions(session, [not_identified], NOON)
    pass_to(begin, NOON)
    with begin() as session:
        tasks.note_verifications(session, [opened(scene.case_id, minutes=3)], NOON)
    assert look(begin, NOON) == 0
    assert running(client, owner)["items"] == []
    listed = client.get("/intake/v1/duties", headers=owner).json()["items"]
    (due,) = [each for each in listed if each["what"] == Duty.TAKE_FIRST_LOOK]
    assert due["due_at"] == "2026-03-05T17:00:00Z", "the duty is back, with its day"


def test_what_was_received_before_this_release_is_on_its_clock_after_the_first_round(
    scene: Scene, begin: Begin
) -> None:
    """Nothing was told of it for months: of what is long over nobody is warned, it is late."""
    unclocked(begin)
    pass_to(begin, NOON + timedelta(days=90))
    assert [level for _, level, _ in lines(begin)] == ["department"]
    assert clock_of(begin, scene).started_at == NOON


def test_whoever_it_was_handed_to_is_told_from_then_on(scene: Scene, begin: Begin) -> None:
    pass_to(begin, WARNED)
    other = uuid4()
    organisation(begin, other, Role.CASE_OWNER, area_code="11749")
    with begin() as session:
        session.execute(update(Case).values(responsible_id=other))
    pass_to(begin, WITH_HEAD)
    assert [holder for *_, holder in lines(begin)] == [scene.ids["case_owner"], other]


def test_where_nobody_owns_the_case_the_level_is_held_by_nobody(scene: Scene, begin: Begin) -> None:
    with begin() as session:
        session.execute(delete(HeldRole).where(HeldRole.role == Role.CASE_OWNER))
    pass_to(begin, DUE)
    assert lines(begin) == [(StepKind.CLOCK_BREACHED, "department", None)]


def test_it_goes_by_the_row_of_the_law_of_its_day(begin: Begin, scene: Scene) -> None:
    with begin() as session:
        session.execute(delete(CLOCKS))
        session.execute(update(Case).values(received_at=datetime(2025, 6, 30, 5, tzinfo=UTC)))
    look(begin, NOON)
    found = clock_of(begin, scene)
    assert (found.regime, found.period.legal_ref[:22]) == (
        Regime.LAW_2011,
        "Joint Circular 01/2014",
    )


def test_whoever_is_received_from_its_day_on_goes_by_a_published_row(
    client: TestClient, owner: dict[str, str], scene: Scene, begin: Begin
) -> None:
    row = published(5, Regime.LAW_2024, date(2026, 3, 3), moves=False)
    with begin() as session:
        tasks.keep_rules(session, [row], NOON)
        tasks.keep_rules(session, [row.model_copy(update={"amount": 9})], NOON)
        session.execute(delete(CLOCKS))
        tomorrow = NOON + timedelta(days=1)
        session.execute(update(Case).values(received_at=tomorrow, registered_at=tomorrow))
    standing = f"/intake/v1/cases/{scene.case_id}/initial-check"
    assert client.get(standing, headers=owner).json()["due"]["rule"]["amount"] == 5
    look(begin, NOON)
    assert clock_of(begin, scene).row_id == row.rule_id
    assert client.get(standing, headers=owner).json()["due"]["rule"]["amount"] == 5


@pytest.mark.parametrize(
    ("of", "moved"),
    [
        ((Regime.LAW_2024, date(2026, 3, 2)), 1),
        ((Regime.LAW_2024, date(2026, 3, 3)), 0),
        ((Regime.LAW_2011, date(2026, 3, 2)), 0),
    ],
)
def test_a_row_that_applies_to_what_runs_moves_it_as_its_rehearsal_said(
    scene: Scene, begin: Begin, told: Told, of: tuple[Regime, date], moved: int
) -> None:
    look(begin, NOON)
    row = published(7, *of, moves=True)
    with begin() as session:
        proposed = RuleProposed.model_validate(row.model_dump() | {"law": None})
        tasks.rehearse_rule(session, proposed, NOON)
    (answer,) = told(Queue.DIRECTORY)
    assert isinstance(answer, IntakeRuleRehearsed)
    assert (answer.running, answer.moved) == (int(row.regime is Regime.LAW_2024), moved)
    with begin() as session:
        tasks.keep_rules(session, [row], NOON)
    with begin() as session:
        assert clocks.follow(session, NOON) == moved
    assert (clock_of(begin, scene).due_at == DUE) is not moved


def test_a_reception_asks_nothing_of_clocks(keys: MasterKeys, begin: Begin) -> None:
    """It is the hot path: what waits is put on its clock by whoever looks at what waits."""
    with begin() as session:
        receive(session, facts(keys, submission()))
    with begin() as session:
        assert clocks.find_free(session, CLOCKS.c.id.is_not(None), 9) == []
