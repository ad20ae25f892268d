"""No request for protection waits unseen: what `nhipcau breaches` finds, and until when."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from deploy.stack.invariants.protection import RULES
from services.verification import domain
from services.verification.models import Protection
from services.verification.policy import ProtectionFacts, ProtectionMeasure, ProtectionMove
from shared.clocks import CLOCKS
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from tests.verification.builders import ACTOR, LONG_AGO, Bench, reader_of

DAY = timedelta(days=1)
UNTOLD, UNTIMED, UNSAID = RULES


def found(bench: Bench, rule: Any) -> list[UUID]:
    bench.session.flush()
    _, statement = rule.found
    cursor = bench.session.connection().connection.cursor()
    cursor.execute(statement, {"soon": 0.0})
    return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def asked(bench: Bench) -> Protection:
    return bench.ask_protection(bench.opened(), reader_of(None, Role.CASE_OWNER))


@pytest.fixture
def police(bench: Bench) -> UUID:
    protects = DatedRole(role=Role.PROTECTOR, area_code="31", valid_from=LONG_AGO)
    return bench.organisation(protects)


def grant(bench: Bench, asked: Protection) -> None:
    domain.move_protection(
        bench.session,
        protection_id=asked.id,
        subject=reader_of(asked.protector_id, Role.PROTECTOR),
        facts=ProtectionFacts(
            ProtectionMove.GRANT,
            measures=(ProtectionMeasure.SECRECY,),
            review_on=local_date(bench.now + 30 * DAY),
        ),
        expected_version=asked.version,
        actor=ACTOR,
        now=bench.now,
    )


def test_what_nobody_may_decide_is_found_until_its_owner_was_told(
    bench: Bench, asked: Protection
) -> None:
    assert found(bench, UNTOLD) == [asked.id]
    domain.watch_protections(bench.session, bench.now + timedelta(minutes=2))
    assert found(bench, UNTOLD) == []


@pytest.mark.usefixtures("police")
def test_what_is_late_is_found_until_its_owner_was_told(bench: Bench, asked: Protection) -> None:
    assert found(bench, UNTOLD) == [asked.id]
    late = bench.at(bench.now + 2 * DAY)
    while late.watch_clocks():
        pass
    domain.watch_protections(bench.session, late.now)
    assert found(bench, UNTOLD) == []


@pytest.mark.usefixtures("police")
def test_what_was_decided_is_told_to_nobody(bench: Bench, asked: Protection) -> None:
    grant(bench, asked)
    assert found(bench, UNTOLD) == []


@pytest.mark.usefixtures("police")
def test_the_time_of_a_decision_runs_from_the_request_until_it_is_taken(
    bench: Bench, asked: Protection
) -> None:
    assert found(bench, UNTIMED) == []
    bench.session.execute(delete(CLOCKS))
    assert found(bench, UNTIMED) == [asked.id]


@pytest.mark.usefixtures("police")
def test_no_time_runs_on_once_it_was_decided(bench: Bench, asked: Protection) -> None:
    grant(bench, asked)
    assert found(bench, UNTIMED) == []
    bench.session.execute(CLOCKS.update().values(ended_at=None, next_at=CLOCKS.c.due_at))
    assert found(bench, UNTIMED) == [asked.id]


@pytest.mark.usefixtures("police")
def test_each_step_but_a_review_is_looked_for_in_the_story(bench: Bench, asked: Protection) -> None:
    grant(bench, asked)
    measures = (ProtectionMeasure.GUARDING,)
    review_on = local_date(bench.now + 60 * DAY)
    domain.move_protection(
        bench.session,
        protection_id=asked.id,
        subject=reader_of(asked.protector_id, Role.PROTECTOR),
        facts=ProtectionFacts(ProtectionMove.REVIEW, measures=measures, review_on=review_on),
        expected_version=asked.version,
        actor=ACTOR,
        now=bench.now,
    )
    assert len(found(bench, UNSAID)) == 2
