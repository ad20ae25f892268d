"""T1: every received case enters verification. Its exceptions are told one by one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.models import Case, HeldRole
from services.intake.policy import ENTERS_WITHIN, TurnReason, Who
from shared.contracts import VerificationOpened
from shared.contracts.vocabulary import Regime, Role, VerificationOutcome
from shared.kit.crypto import MasterKeys
from shared.kit.subjects import Subject
from tests.intake.acting import LONG_AGO
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON, facts, receive, submission
from tests.intake.messages import concluded
from tests.subjects import somebody

OWNER, POLICE = uuid4(), uuid4()
BEFORE, LATE = NOON - ENTERS_WITHIN, NOON + ENTERS_WITHIN


@pytest.fixture
def owner() -> Subject:
    return somebody(OWNER, Role.CASE_OWNER, areas=("31",))


@pytest.fixture
def case(session: Session, keys: MasterKeys) -> UUID:
    for organisation_id, role in ((OWNER, Role.CASE_OWNER), (POLICE, Role.VERIFIER)):
        session.add(
            HeldRole(
                organisation_id=organisation_id,
                role=role,
                area_code="31",
                valid_from=LONG_AGO,
                organisation_code=role,
            )
        )
    return received(session, keys)


def received(session: Session, keys: MasterKeys) -> UUID:
    sent = facts(keys, submission())
    receive(session, sent)
    return sent.case_id


def opened(session: Session, case_id: UUID, verifier_id: UUID | None) -> None:
    told = VerificationOpened(
        occurred_at=NOON,
        case_id=case_id,
        verification_id=uuid4(),
        verifier_id=verifier_id,
        regime=Regime.LAW_2024,
        move_id=uuid4(),
    )
    tasks.note_verifications(session, [told], NOON)
    session.expire_all()


def counted(session: Session, owner: Subject, now: Any = LATE) -> tuple[int, int, int, int]:
    """Received, entered, on their way, exceptions."""
    found = domain.find_entering(session, subject=owner, now=now)
    return found.received, found.entered, found.on_their_way, found.excepted


def exceptions(session: Session, owner: Subject, now: Any = LATE) -> list[domain.Unverified]:
    found = domain.find_unverified(session, subject=owner, now=now, after=None, size=10)
    return list(found)


def test_a_case_that_was_just_told_is_on_its_way_and_no_exception(
    session: Session, case: UUID, owner: Subject
) -> None:
    soon = LATE - timedelta(seconds=1)
    assert counted(session, owner, soon) == (1, 0, 1, 0)
    assert exceptions(session, owner, soon) == []


def test_a_case_that_was_not_opened_in_a_minute_is_an_exception_and_nobodys(
    session: Session, case: UUID, owner: Subject
) -> None:
    assert counted(session, owner) == (1, 0, 0, 1)
    (found,) = exceptions(session, owner)
    assert (found.case_id, found.since) == (case, NOON)
    assert (found.who, found.why) == (Who.NOBODY, TurnReason.BEGIN_VERIFICATION)


def test_a_case_with_an_authority_has_entered(session: Session, case: UUID, owner: Subject) -> None:
    opened(session, case, POLICE)
    assert counted(session, owner) == (1, 1, 0, 0)
    assert exceptions(session, owner) == []


@pytest.mark.parametrize("verifier_id", [None, uuid4()], ids=["nobody", "whoever may no more"])
def test_a_case_that_nobody_may_decide_is_an_exception_and_its_owners_turn(
    session: Session, case: UUID, owner: Subject, verifier_id: UUID | None
) -> None:
    opened(session, case, verifier_id)
    assert counted(session, owner) == (1, 0, 0, 1)
    (found,) = exceptions(session, owner)
    assert (found.who, found.why) == (Who.CASE_OWNER, TurnReason.FIND_AUTHORITY)
    assert found.organisation_id == OWNER


@pytest.mark.parametrize("outcome", VerificationOutcome)
def test_a_case_that_was_decided_has_entered_however_it_ended(
    session: Session, case: UUID, owner: Subject, outcome: VerificationOutcome
) -> None:
    opened(session, case, POLICE)
    told = concluded(case, outcome=outcome)
    tasks.note_conclusions(session, [told], NOON)
    session.expire_all()
    assert counted(session, owner) == (1, 1, 0, 0)


def test_one_case_that_is_missing_is_not_hidden_by_another_that_was_opened_twice(
    session: Session, keys: MasterKeys, case: UUID, owner: Subject
) -> None:
    other = received(session, keys)
    opened(session, other, POLICE)
    opened(session, other, POLICE)
    assert counted(session, owner) == (2, 1, 0, 1)
    assert [it.case_id for it in exceptions(session, owner)] == [case]


def test_others_learn_of_no_exception(session: Session, case: UUID) -> None:
    elsewhere = somebody(uuid4(), Role.CASE_OWNER, areas=("79",))
    assert counted(session, elsewhere) == (0, 0, 0, 0)
    assert exceptions(session, elsewhere) == []


def test_the_exceptions_are_read_page_by_page(
    client: TestClient,
    token_for: TokenFor,
    begin: Callable[..., Any],
    keys: MasterKeys,
) -> None:
    with begin() as session:
        sent = [facts(keys, submission()) for _ in range(3)]
        receive(session, *sent)
        session.execute(update(Case).values(received_at=BEFORE, registered_at=BEFORE))
    headers = token_for("auditor", areas=("31",))
    where, read = "/intake/v1/targets/entering-verification?page_size=2", []
    while where:
        answer = client.get(where, headers=headers)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["received"], answer.json()["excepted"]) == (3, 3)
        read += [it["case_id"] for it in answer.json()["items"]]
        where = answer.links.get("next", {}).get("url", "")
    assert read == sorted(str(each.case_id) for each in sent)
