"""An operator learns of what cannot wait and was left, and of roles nobody is known to hold."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.models import Case, HeldRole
from services.intake.policy import ENTERS_WITHIN
from shared.contracts import VerificationOpened
from shared.contracts.vocabulary import Regime, Role
from shared.kit.crypto import MasterKeys
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS
from tests.intake.acting import LONG_AGO
from tests.intake.builders import NOON, facts, receive, submission

LATER = NOON + timedelta(hours=24)


@pytest.fixture
def urgent(session: Session, keys: MasterKeys) -> UUID:
    calm, urgent = (facts(keys, submission(immediate_needs=needs)) for needs in ([], ["medical"]))
    receive(session, calm, urgent)
    return urgent.case_id


def hold(
    session: Session, role: Role, area_code: str = "31", organisation_id: UUID | None = None
) -> UUID:
    held = HeldRole(
        organisation_id=organisation_id or uuid4(),
        role=role,
        area_code=area_code,
        valid_from=LONG_AGO,
        organisation_code=role,
    )
    session.add(held)
    session.flush()
    return held.organisation_id


def end(session: Session, organisation_id: UUID, on: date) -> None:
    ends = update(HeldRole).where(HeldRole.organisation_id == organisation_id)
    session.execute(ends.values(valid_to=on))


def told(session: Session, kind: AlertKind, now: datetime) -> dict[UUID, dict[str, object]]:
    """What the open alerts of a kind are about, after a look."""
    domain.watch_duties(session, now)
    rows = session.execute(
        select(OPERATOR_ALERTS.c.object_id, OPERATOR_ALERTS.c.facts).where(
            OPERATOR_ALERTS.c.kind == kind, OPERATOR_ALERTS.c.settled_at.is_(None)
        )
    )
    return {row.object_id: row.facts for row in rows}


def test_what_nobody_has_seen_to_for_a_day_is_an_alert_with_its_owner_until_somebody_has(
    session: Session, urgent: UUID
) -> None:
    owner = hold(session, Role.CASE_OWNER)
    session.execute(update(Case).where(Case.id == urgent).values(urgency_read_at=NOON))
    almost = LATER - timedelta(seconds=1)
    assert told(session, AlertKind.URGENCY_LEFT, almost) == {}
    said = {urgent: {"organisation_id": str(owner)}}
    assert told(session, AlertKind.URGENCY_LEFT, LATER) == said
    session.execute(update(Case).where(Case.id == urgent).values(urgency_settled_at=LATER))
    assert told(session, AlertKind.URGENCY_LEFT, LATER) == {}


def test_what_cannot_wait_and_nobody_owns_is_an_alert_at_once(
    session: Session, urgent: UUID
) -> None:
    assert told(session, AlertKind.URGENCY_LEFT, NOON) == {urgent: {}}
    hold(session, Role.CASE_OWNER)
    assert told(session, AlertKind.URGENCY_LEFT, NOON) == {}


def test_while_cases_are_here_and_a_role_was_told_of_nobody_an_operator_knows(
    session: Session, keys: MasterKeys
) -> None:
    assert told(session, AlertKind.ROLES_UNTOLD, NOON) == {}
    receive(session, facts(keys))
    (said,) = told(session, AlertKind.ROLES_UNTOLD, NOON).values()
    assert said == {"roles": ["case_owner", "facility", "protector"]}
    hold(session, Role.CASE_OWNER)
    (said,) = told(session, AlertKind.ROLES_UNTOLD, NOON).values()
    assert said == {"roles": ["facility", "protector"]}
    hold(session, Role.FACILITY)
    hold(session, Role.PROTECTOR)
    assert told(session, AlertKind.ROLES_UNTOLD, NOON) == {}
    session.execute(delete(HeldRole).where(HeldRole.role == Role.PROTECTOR))
    (said,) = told(session, AlertKind.ROLES_UNTOLD, NOON).values()
    assert said == {"roles": ["protector"]}


HERE, THERE = "11560", "11749"
"""Where the case is, and somewhere else."""
UNOWNED, ENDED = AlertKind.CASE_WITHOUT_OWNER, AlertKind.OWNER_ENDED


def hand(session: Session, case_id: UUID, organisation_id: UUID | None) -> None:
    session.execute(update(Case).where(Case.id == case_id).values(responsible_id=organisation_id))


def test_a_case_that_loses_its_owner_is_an_alert_before_there_is_news_of_it(
    session: Session, keys: MasterKeys
) -> None:
    mine, other = facts(keys), facts(keys)
    receive(session, mine, other)
    ward = hold(session, Role.CASE_OWNER, HERE)
    elsewhere = hold(session, Role.CASE_OWNER, THERE)
    hand(session, other.case_id, elsewhere)
    assert told(session, UNOWNED, NOON) == {}
    end(session, ward, NOON.date() + timedelta(days=1))
    assert told(session, UNOWNED, NOON) == {}
    assert told(session, UNOWNED, NOON + timedelta(days=1)) == {mine.case_id: {}}
    hold(session, Role.CASE_OWNER)
    assert told(session, UNOWNED, NOON + timedelta(days=1)) == {}


def test_a_case_whose_named_owner_ends_comes_back_to_its_area_and_is_its_owners_alert(
    session: Session, keys: MasterKeys
) -> None:
    case = facts(keys)
    receive(session, case)
    named = hold(session, Role.CASE_OWNER, THERE)
    city = hold(session, Role.CASE_OWNER)
    hand(session, case.case_id, named)
    assert told(session, ENDED, NOON) == {}
    end(session, named, NOON.date())
    said = {case.case_id: {"organisation_id": str(named)}}
    assert told(session, ENDED, NOON) == said
    assert told(session, UNOWNED, NOON) == {}
    hand(session, case.case_id, city)
    assert told(session, ENDED, NOON) == {}
    hand(session, case.case_id, named)
    assert told(session, ENDED, NOON) == said
    hold(session, Role.CASE_OWNER, HERE, named)
    assert told(session, ENDED, NOON) == {}


def test_what_has_neither_a_named_owner_nor_one_of_its_area_is_an_operators(
    session: Session, keys: MasterKeys
) -> None:
    case = facts(keys)
    receive(session, case)
    named = hold(session, Role.CASE_OWNER, HERE)
    hold(session, Role.CASE_OWNER, THERE)
    hand(session, case.case_id, named)
    session.execute(delete(HeldRole).where(HeldRole.organisation_id == named))
    assert told(session, UNOWNED, NOON) == {case.case_id: {}}
    assert told(session, ENDED, NOON) == {}


def test_while_nobody_at_all_may_own_cases_that_is_one_alert_and_not_one_for_each(
    session: Session, keys: MasterKeys
) -> None:
    receive(session, facts(keys), facts(keys))
    city = hold(session, Role.CASE_OWNER)
    end(session, city, NOON.date())
    assert told(session, UNOWNED, NOON) == {}
    assert len(told(session, AlertKind.ROLES_UNTOLD, NOON)) == 1


@pytest.mark.parametrize("needs", [[], ["medical"]], ids=["calm", "urgent"])
def test_a_case_without_a_verification_is_an_alert_after_a_minute_until_it_has_one(
    session: Session, keys: MasterKeys, needs: list[str]
) -> None:
    case = facts(keys, submission(immediate_needs=needs))
    receive(session, case)
    late = NOON + ENTERS_WITHIN + timedelta(seconds=1)
    assert told(session, AlertKind.NOBODYS_TURN, NOON + ENTERS_WITHIN) == {}
    said = {case.case_id: {"why": "begin_verification"}}
    assert told(session, AlertKind.NOBODYS_TURN, late) == said
    opened = VerificationOpened(
        occurred_at=late,
        case_id=case.case_id,
        verification_id=uuid4(),
        verifier_id=uuid4(),
        regime=Regime.LAW_2024,
    )
    tasks.note_verifications(session, [opened], late)
    session.expire_all()
    assert told(session, AlertKind.NOBODYS_TURN, late) == {}
