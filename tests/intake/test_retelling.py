"""A service that joins is told every case as its reception would be told today."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.intake import domain
from services.intake.domain.retelling import PASTS
from shared.contracts import (
    BY_TYPE,
    CaseHandedOver,
    CaseReceived,
    ConsentScope,
    ConsentWithdrawn,
    IntakeAlertRaised,
    Message,
    Queue,
)
from shared.contracts.vocabulary import (
    AgeBand,
    HandOverReason,
    OrganisationKind,
    Purpose,
    Role,
)
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database
from shared.kit.versions import Versions
from shared.messaging import retelling
from shared.messaging.retelling import Counted
from tests.intake.acting import organisation
from tests.intake.builders import NOON, facts, minor, person, receive, submission
from tests.retold import forget
from tests.subjects import somebody
from tests.told import IN_OUTBOX

CASES, URGENT, *_ = PASTS
SCHOOL = ConsentScope(
    organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL, purpose=Purpose.SERVICE_REFERRAL
)
OLD = {"origin_unit_code": "11746", "origin_unit_on": "2025-03-10", "present_unit_code": None}

Receive = Callable[..., UUID]


@pytest.fixture
def received(database: Database, keys: MasterKeys) -> Receive:
    def make(body: dict[str, Any] | None = None) -> UUID:
        handed = facts(keys, body)
        with database.begin() as session:
            receive(session, handed)
        return handed.case_id

    return make


def told(database: Database, queue: Queue) -> list[Message]:
    with database.read() as session:
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == queue)
            .order_by(IN_OUTBOX.c.aggregate_id, IN_OUTBOX.c.sequence)
        ).all()
    return [BY_TYPE[row.type].model_validate(row.body) for row in rows]


def retell(database: Database, newcomer: Queue) -> int:
    total = 0
    for past in PASTS:
        if past.is_for(newcomer):
            with database.begin() as session:
                total += retelling.retell(session, past, newcomer, after=None, actor="test")[1]
    return total


BODIES: Sequence[dict[str, Any]] = (
    submission(),
    submission(consents=[], requested_services=[]),
    minor(immediate_needs=["medical"]),
    submission(person=person(**OLD), immediate_needs=["shelter"], asked_staff_sex="female"),
    submission(received_at="2026-02-02T08:00:00+07:00", late_reason="paper_record"),
)


@pytest.mark.parametrize(
    "newcomer", [Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION]
)
def test_what_nobody_has_changed_is_told_as_it_was_told(
    database: Database, received: Receive, newcomer: Queue
) -> None:
    for body in BODIES:
        received(body)
    before = told(database, newcomer)
    forget(database, newcomer)
    assert retell(database, newcomer) == len({it.aggregate_id for it in before})
    assert told(database, newcomer) == before
    assert before


def test_a_second_run_tells_nothing(database: Database, received: Receive) -> None:
    case_id = received()
    forget(database, Queue.VERIFICATION)
    received()
    with database.read() as session:
        assert retelling.count(session, CASES, Queue.VERIFICATION) == Counted(untold=1, told=1)
    assert [retell(database, Queue.VERIFICATION) for _ in range(2)] == [1, 0]
    assert [it.aggregate_id for it in told(database, Queue.VERIFICATION)].count(case_id) == 1


def test_age_consents_and_urgency_are_those_of_now(database: Database, received: Receive) -> None:
    case_id = received(submission(immediate_needs=["shelter"]))
    with database.begin() as session:
        session.execute(
            text("UPDATE cases SET urgency_settled_at = :now, age_band = 'under_18'"), {"now": NOON}
        )
        session.execute(text("UPDATE consents SET withdrawn_at = :now"), {"now": NOON})
    for newcomer in (Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION):
        forget(database, newcomer)
        retell(database, newcomer)
    (case,) = told(database, Queue.LIVELIHOOD_SUPPORT)
    assert isinstance(case, CaseReceived)
    assert (case.case_id, case.consents, case.has_immediate_needs) == (case_id, (), False)
    assert case.age_band == AgeBand.UNDER_18
    # What was seen to is no alert any more.
    assert told(database, Queue.NOTIFICATION) == []


def test_who_is_told_of_what_cannot_wait_alone_is_told_of_no_other_case(
    database: Database, received: Receive
) -> None:
    received(submission(immediate_needs=[]))
    received(submission(immediate_needs=["shelter"]))
    forget(database, Queue.NOTIFICATION)
    assert not CASES.is_for(Queue.NOTIFICATION)
    with database.read() as session:
        assert retelling.count(session, URGENT, Queue.NOTIFICATION) == Counted(untold=1, told=0)
    assert retell(database, Queue.NOTIFICATION) == 1
    (alert,) = told(database, Queue.NOTIFICATION)
    assert isinstance(alert, IntakeAlertRaised)


def hand_over(database: Database, case_id: UUID, *organisations: UUID | None) -> None:
    """From one to the next; the first holds the place of the case."""
    for former, named in pairwise(organisations):
        with database.begin() as session:
            domain.hand_over(
                session,
                case_id=case_id,
                subject=somebody(former or uuid4(), Role.CASE_OWNER),
                facts=domain.HandOverFacts(named, None, HandOverReason.WORKLOAD),
                expected_version=Versions.any(),
                actor="test",
                now=NOON,
            )


@pytest.mark.parametrize("needs", [["medical"], []])
@pytest.mark.parametrize("newcomer", CaseHandedOver.to)
def test_a_newcomer_is_told_last_to_whom_a_case_is_handed(
    *, database: Database, received: Receive, needs: list[str], newcomer: Queue
) -> None:
    us, them, last = (uuid4() for _ in range(3))
    for each, area in ((us, "11560"), (them, "11749"), (last, "11749")):
        organisation(database.begin, each, Role.CASE_OWNER, area)
    case_id, given_back = (received(submission(immediate_needs=needs)) for _ in range(2))
    hand_over(database, case_id, us, them, last)
    hand_over(database, given_back, us, them, None)
    forget(database, newcomer)
    retell(database, newcomer)
    assert retell(database, newcomer) == 0
    said = [it for it in told(database, newcomer) if isinstance(it, CaseHandedOver)]
    assert [(it.case_id, it.former_id, it.responsible_id) for it in said] == [(case_id, them, last)]


def withdraw(database: Database, case_id: UUID) -> None:
    with database.begin() as session:
        domain.withdraw_consent(
            session,
            case_id=case_id,
            subject=somebody(uuid4(), Role.CASE_OWNER),
            scope=domain.Scope(SCHOOL.organisation_kind, SCHOOL.purpose),
            expected_version=Versions.any(),
            actor="test",
            now=NOON,
        )


def test_what_a_newcomer_is_told_of_a_case_first_says_all_of_it(
    database: Database, received: Receive
) -> None:
    """So the past may be told at any time: no news of a case comes before the case."""
    newcomer = Queue.LIVELIHOOD_SUPPORT
    case_id, quiet = received(), received()
    forget(database, newcomer)
    withdraw(database, case_id)
    (first,) = told(database, newcomer)
    assert isinstance(first, CaseReceived)
    assert (first.case_id, first.consents) == (case_id, ())
    assert retell(database, newcomer) == 1
    assert {it.aggregate_id for it in told(database, newcomer)} == {case_id, quiet}
    withdraw(database, quiet)
    assert [type(it) for it in told(database, newcomer) if it.aggregate_id == quiet] == [
        CaseReceived,
        ConsentWithdrawn,
    ]


def test_who_was_not_told_of_a_hand_over_is_told_of_the_case_and_of_it(
    database: Database, received: Receive
) -> None:
    us, them = uuid4(), uuid4()
    for each, area in ((us, "11560"), (them, "11749")):
        organisation(database.begin, each, Role.CASE_OWNER, area)
    case_id = received()
    before = told(database, Queue.NOTIFICATION)
    forget(database, Queue.VERIFICATION)
    hand_over(database, case_id, us, them)
    first, second = told(database, Queue.VERIFICATION)
    assert isinstance(first, CaseReceived)
    assert isinstance(second, CaseHandedOver)
    assert (second.former_id, second.responsible_id) == (us, them)
    # Who is told of no reception is told what happened, as ever.
    assert [type(it) for it in told(database, Queue.NOTIFICATION)] == [
        *map(type, before),
        CaseHandedOver,
    ]
