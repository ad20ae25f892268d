"""A case is handed over at intake: the services that keep a copy of it follow, in order."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.intake import domain as intake
from services.intake.models import Case, HeldRole
from services.livelihood_support.models import CaseFile
from services.verification.models import Verification
from shared.contracts import Queue
from shared.contracts.vocabulary import HandOverReason, Role
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.versions import Versions
from tests.intake.acting import LONG_AGO
from tests.intake.builders import NOON, facts, receive
from tests.subjects import somebody
from tests.system.courier import Courier

INTAKE, VERIFICATION, SUPPORT = Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT
HERE, THERE = "11560", "11749"


@pytest.fixture
def courier(engine_of: Callable[[str], Engine]) -> Iterator[Courier]:
    """Three services whose every effect is rolled back."""
    with ExitStack() as opened:
        sessions = {}
        for service in (INTAKE, VERIFICATION, SUPPORT):
            connection = opened.enter_context(engine_of(service).connect())
            opened.callback(connection.begin().rollback)
            inside = Session(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
            sessions[service] = opened.enter_context(inside)
        yield Courier(sessions, NOON)


def holding(session: Session, area_code: str) -> UUID:
    held = HeldRole(
        organisation_id=new_id(),
        role=Role.CASE_OWNER,
        area_code=area_code,
        valid_from=LONG_AGO,
        organisation_code=area_code,
    )
    session.add(held)
    return held.organisation_id


def named(courier: Courier, case_id: UUID) -> set[UUID | None]:
    """Whom each service keeps as named, after all was carried."""
    courier.carry(INTAKE)
    asked = {
        INTAKE: select(Case.responsible_id).where(Case.id == case_id),
        VERIFICATION: select(Verification.responsible_id).where(Verification.case_id == case_id),
        SUPPORT: select(CaseFile.responsible_id).where(CaseFile.case_id == case_id),
    }
    for session in courier.sessions.values():
        session.expire_all()
    return {
        courier.sessions[service].execute(statement).scalar_one()
        for service, statement in asked.items()
    }


def test_whom_a_case_was_handed_to_is_the_same_everywhere(courier: Courier) -> None:
    session = courier.sessions[INTAKE]
    owners = {area: holding(session, area) for area in (HERE, THERE)}
    submitted = facts(MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32)))
    receive(session, submitted)
    session.flush()

    def hand(area: str, to: UUID | None) -> None:
        intake.hand_over(
            session,
            case_id=submitted.case_id,
            subject=somebody(owners[area], Role.CASE_OWNER, areas=(area,)),
            facts=intake.HandOverFacts(to, None, HandOverReason.PERSON_MOVED),
            expected_version=Versions.any(),
            actor="test",
            now=NOON,
        )

    assert named(courier, submitted.case_id) == {None}
    hand(HERE, owners[THERE])
    assert named(courier, submitted.case_id) == {owners[THERE]}
    hand(THERE, None)
    assert named(courier, submitted.case_id) == {None}
    hand(HERE, owners[THERE])
    hand(THERE, owners[HERE])
    assert named(courier, submitted.case_id) == {owners[HERE]}
