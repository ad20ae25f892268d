"""What cannot wait is a sentence of its own: who must act, since when, beside all else."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Case, Turn, Who, Why
from services.intake import models
from services.intake.models import HeldRole
from shared.contracts.vocabulary import Role
from shared.kit.clock import utc_now
from shared.kit.crypto import MasterKeys
from tests.intake.acting import LONG_AGO
from tests.intake.builders import NOON, facts, receive, submission


@pytest.fixture
def urgent(session: Session, keys: MasterKeys) -> UUID:
    calm, urgent = (facts(keys, submission(immediate_needs=needs)) for needs in ([], ["medical"]))
    receive(session, calm, urgent)
    return urgent.case_id


def hold(session: Session, area_code: str, *, role: Role = Role.CASE_OWNER) -> UUID:
    held = HeldRole(
        organisation_id=uuid4(),
        role=role,
        area_code=area_code,
        valid_from=LONG_AGO,
        organisation_code=area_code,
    )
    session.add(held)
    return held.organisation_id


def duties(session: Session, soon: float = 0.0) -> list[Turn]:
    session.flush()
    connection = session.connection().connection.driver_connection
    assert connection is not None
    rows = connection.execute(turns.URGENT, {"soon": soon}).fetchall()
    return turns.duties(rows, connection.execute(turns.OWNERS).fetchall())


def test_what_cannot_wait_is_the_turn_of_whoever_owns_the_case_since_its_reception(
    session: Session, urgent: UUID
) -> None:
    hold(session, "31"), hold(session, "11560", role=Role.FACILITY)
    nearest = hold(session, "11560")
    (turn,) = duties(session)
    assert (turn.case_id, turn.who, turn.why) == (str(urgent), Who.CASE_OWNER, Why.IMMEDIATE_NEEDS)
    assert (turn.organisation_id, turn.since) == (str(nearest), NOON)


def test_what_was_seen_to_is_nobodys_turn_and_what_was_only_read_is(
    session: Session, urgent: UUID
) -> None:
    session.execute(update(models.Case).values(urgency_read_at=NOON))
    assert len(duties(session)) == 1
    session.execute(update(models.Case).values(urgency_settled_at=NOON))
    assert duties(session) == []


def test_what_cannot_wait_and_nobody_owns_is_named_but_for_what_came_a_moment_ago(
    session: Session, urgent: UUID
) -> None:
    session.execute(update(models.Case).values(registered_at=utc_now() - timedelta(seconds=90)))
    assert turns.conclude([], duties(session, soon=60), ()).unowned == (str(urgent),)
    assert duties(session, soon=600) == []
    hold(session, "31")
    assert turns.conclude([], duties(session, soon=60), ()).unowned == ()


def conclude(*told: Turn) -> turns.Standing:
    case = Case("case", NOON, is_fresh=False, outcome=None, has_plan=False)
    return turns.conclude([case], told, ())


def test_a_case_that_is_forgotten_is_named_though_something_in_it_cannot_wait() -> None:
    duty = Turn("case", "case", Who.CASE_OWNER, "owner", NOON, Why.IMMEDIATE_NEEDS)
    found = conclude(duty)
    assert (found.forgotten, found.unclear) == (("case",), ())
    other = Turn("case", "verification", Who.VERIFIER, "one", NOON, Why.VERIFICATION_ASSIGNED)
    assert conclude(duty, other).forgotten == ()
