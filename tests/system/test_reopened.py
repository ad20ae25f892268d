"""Not identified at first, reopened on new evidence, identified: over the messages, to the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.intake import domain as intake
from services.intake.models import Case
from services.livelihood_support.models import CaseFile
from services.verification.models import Verification
from shared.contracts import Queue
from shared.contracts.vocabulary import ReferralStatus, Role
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from tests.intake.builders import NOON, facts, receive
from tests.livelihood_support.builders import Field
from tests.subjects import somebody
from tests.system.courier import Courier
from tests.verification.builders import IDENTIFY, NEGATIVE, REOPEN, START, Bench, verifier

INTAKE, VERIFICATION, SUPPORT = Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT
OWNER = somebody(new_id(), Role.CASE_OWNER)


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


@pytest.mark.parametrize(
    "senders",
    [(INTAKE, VERIFICATION, SUPPORT), (SUPPORT, VERIFICATION, INTAKE)],
    ids=["verification is heard first", "support is heard first"],
)
def test_who_is_identified_after_a_reopening_is_so_everywhere_and_is_referred(
    courier: Courier, senders: tuple[Queue, ...]
) -> None:
    bench = Bench(courier.sessions[VERIFICATION], NOON)
    bench.organisation(verifier("31"))
    field = Field(courier.sessions[SUPPORT], NOON)
    field.programme()
    submitted = facts(MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32)))
    receive(courier.sessions[INTAKE], submitted)
    courier.carry(*senders)
    (made,) = courier.sessions[VERIFICATION].scalars(select(Verification))

    bench.move(made, START, NEGATIVE)
    courier.carry(*senders)
    assert stands(courier, submitted.case_id) == ("not_identified", "not_identified")

    bench.move(made, REOPEN)
    courier.carry(*senders)
    assert stands(courier, submitted.case_id)[0] == "in_verification"

    bench.move(made, START, IDENTIFY)
    courier.carry(*senders)
    assert stands(courier, submitted.case_id) == ("in_support", "identified")
    referral = field.referral(submitted.case_id)
    assert referral.status == ReferralStatus.REQUESTED
    steps = intake.find_journey(
        courier.sessions[INTAKE], case_id=submitted.case_id, subject=OWNER, on=NOON.date()
    )
    told = [step.outcome or step.kind for step in steps]
    assert sorted(told) == sorted(
        [
            "received",
            "verification_opened",
            "not_identified",
            "verification_opened",
            "identified",
            "plan_opened",
            "referral_requested",
        ]
    )


def stands(courier: Courier, case_id: object) -> tuple[str, str | None]:
    """How a case stands in intake, and which outcome support's file names."""
    case = select(Case.status).where(Case.id == case_id)
    file = select(CaseFile.verification_outcome).where(CaseFile.case_id == case_id)
    return (
        courier.sessions[INTAKE].execute(case).scalar_one(),
        courier.sessions[SUPPORT].execute(file).scalar_one(),
    )
