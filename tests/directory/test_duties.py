"""What a provider, a manager and an organisation with an address must do in the directory."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.directory import api, domain
from services.directory.domain.rules import propose_rule, withdraw_rule
from services.directory.models import (
    Endpoint,
    Organisation,
    Programme,
    Staff,
    StaffCredentials,
)
from services.directory.policy import Duty, RuleFacts, RuleReason, StaffVault
from shared.contracts.law import Certainty, Unit
from shared.contracts.vocabulary import (
    AssuredBy,
    EndpointReason,
    EndpointStatus,
    EndpointTopic,
    OrganisationKind,
    Role,
)
from shared.duties import DutyRow, Urgency, find_duties
from shared.duties.api import duties_routes
from shared.kit.clock import local_date, start_of_day
from shared.kit.database import Database
from shared.kit.subjects import Subject
from shared.law import PeriodKey, end_of, rules
from tests.directory.builders import ACTOR, held, open_school
from tests.directory.calls import V1, TokenFor
from tests.directory.people import Console, Somebody, of, take_in
from tests.directory.test_domain import OFFER
from tests.subjects import somebody


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


def duties(session: Session, subject: Subject, now: datetime) -> Sequence[DutyRow]:
    session.flush()
    found, counted = find_duties(
        session, domain.DUTIES, subject=subject, now=now, after=None, size=100
    )
    assert counted.total == len(found)
    return found


def programme_of(session: Session, organisation: Organisation, now: datetime) -> Programme:
    return domain.open_programme(
        session, organisation_id=organisation.id, facts=OFFER, now=now, actor=ACTOR
    )


def test_a_programme_that_nobody_answers_for_is_its_organisations(
    session: Session, now: datetime
) -> None:
    school = open_school(session, now=now)
    programme = programme_of(session, school, now)
    provider = somebody(school.id, Role.PROVIDER)
    (found,) = duties(session, provider, now)
    assert (found.what, found.object_id) == (Duty.ASSURE_PROGRAMME, programme.id)
    assert (found.due_at, found.rule, found.since) == (None, None, now)
    for other in (
        somebody(uuid4(), Role.PROVIDER),
        somebody(school.id, Role.CASE_OWNER),
        somebody(school.id, Role.ADMINISTRATOR),
    ):
        assert duties(session, other, now) == []
    programme.is_active = False
    assert duties(session, provider, now) == []


def test_an_assurance_is_renewed_before_the_rule_ends_it(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    programme = programme_of(session, school, now)
    provider = somebody(school.id, Role.PROVIDER)
    domain.assure_programme(
        session,
        programme_id=programme.id,
        subject=provider,
        confirmation=None,
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    assert duties(session, provider, now) == []
    today = local_date(now)
    end = end_of(rules().find(PeriodKey.DIRECTORY_FRESHNESS, on=today), today)
    assert end is not None
    for moment, urgency in (
        (end.at - timedelta(days=13), Urgency.LATER),
        (end.at - timedelta(hours=3), Urgency.TODAY),
        (end.at + timedelta(days=400), Urgency.OVERDUE),
    ):
        (found,) = duties(session, provider, moment)
        assert (found.due_at, found.urgency, found.since) == (end.at, urgency, now)
        assert found.why is not None
        assert found.rule is not None
        assert (found.why.at, found.rule.key) == (end.at, "directory.freshness")
    assert duties(session, provider, end.at - timedelta(days=20)) == []


def test_programmes_assured_on_different_days_end_on_theirs(
    session: Session, now: datetime
) -> None:
    school = open_school(session, now=now)
    made = [programme_of(session, school, now) for _ in range(3)]
    for days, programme in enumerate(made):
        programme.assured_at = now - timedelta(days=days, hours=14)
        programme.assured_by = AssuredBy.ORGANISATION
    late = now + timedelta(days=200)
    found = duties(session, somebody(school.id, Role.PROVIDER), late)
    assert [each.object_id for each in found] == [each.id for each in reversed(made)]
    assert all(each.why and each.due_at == each.why.at for each in found)


def manager_of(staff: Staff) -> Subject:
    return somebody(staff.organisation_id, Role.MANAGER)


def test_who_has_no_password_and_no_link_needs_one(
    database: Database, vault: StaffVault, console: Console, now: datetime
) -> None:
    made = take_in(database, vault, Role.RECEIVER)
    with database.begin() as session:
        manager = manager_of(made.staff)
        assert duties(session, manager, now) == []
        until = session.scalars(select(StaffCredentials.link_expires_at)).one()
        over = update(StaffCredentials).returning(StaffCredentials.link_expires_at)
        ended = session.scalars(over.values(link_expires_at=now - timedelta(hours=1))).one()
        (found,) = duties(session, manager, now)
        assert (found.what, found.object_id) == (Duty.GIVE_LINK, made.staff.id)
        assert (found.since, found.link) == (ended, f"staff/{made.staff.id}")
        assert duties(session, somebody(uuid4(), Role.MANAGER), now) == []
        assert duties(session, somebody(made.staff.organisation_id, Role.RECEIVER), now) == []
        session.execute(update(StaffCredentials).values(link_expires_at=until))
    of(console.redeem(made.link), "done")
    with database.begin() as session:
        assert duties(session, manager, now + timedelta(days=999)) == []


def test_what_a_person_may_do_is_renewed_before_it_ends(
    database: Database, receiver: Somebody, now: datetime
) -> None:
    today = local_date(now)

    def grants(session: Session, *ends: tuple[date, date | None]) -> Sequence[DutyRow]:
        staff = session.get_one(Staff, receiver.staff.id)
        kept = next((each.role, each.area_code) for each in staff.grants)
        staff.grants.clear()
        session.flush()
        kind = type(receiver.staff).grants.property.mapper.class_
        staff.grants.extend(
            kind(role=kept[0], area_code=kept[1], valid_from=since, valid_to=until)
            for since, until in ends
        )
        return duties(session, manager_of(receiver.staff), now)

    long_ago, soon = today - timedelta(days=500), today + timedelta(days=10)
    with database.begin() as session:
        assert grants(session, (long_ago, None)) == []
        assert grants(session, (long_ago, today + timedelta(days=60))) == []
        (found,) = grants(session, (long_ago, soon))
        assert (found.what, found.object_id) == (Duty.RENEW_GRANT, receiver.staff.id)
        assert found.since == start_of_day(soon - timedelta(days=14))
        assert grants(session, (long_ago, soon), (soon, None)) == []
        assert grants(session, (long_ago, today)) == []


def test_an_address_that_is_gone_is_registered_again(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    session.add(
        Endpoint(
            id=uuid4(),
            organisation_id=school.id,
            url="https://partner.example/hooks",
            secret_version=1,
            status=EndpointStatus.DISABLED,
            reason=EndpointReason.GONE,
            registered_at=now,
            changed_at=now,
        )
    )
    clerk = somebody(school.id, Role.RECEIVER)
    (found,) = duties(session, clerk, now)
    assert (found.what, found.link) == (
        Duty.RENEW_ENDPOINT, f"organisations/{school.id}/endpoints",
    )  # fmt: skip
    assert duties(session, somebody(uuid4(), Role.RECEIVER), now) == []
    session.add(
        Endpoint(
            id=uuid4(),
            organisation_id=school.id,
            topic=EndpointTopic.CASES,
            url="https://partner.example/cases",
            secret_version=1,
            status=EndpointStatus.ACTIVE,
            registered_at=now + timedelta(days=1),
            changed_at=now,
        )
    )
    session.flush()
    assert len(duties(session, clerk, now)) == 1, "another is for something else"
    session.execute(update(Endpoint).values(status="disabled", reason=EndpointReason.WITHDRAWN))
    assert duties(session, clerk, now) == []


ANSWER = RuleFacts(
    key=PeriodKey.REFERRAL_ANSWER,
    regime=None,
    amount=3,
    unit=Unit.WORKING_DAY,
    law=None,
    status=Certainty.ASSUMED,
    valid_from=date(2099, 1, 1),
    applies_to_running=False,
    reason=RuleReason.AGREED,
    reference="15/QĐ-SYT",
)


def test_a_row_that_was_proposed_waits_for_another_administrator(
    session: Session, now: datetime
) -> None:
    proposer = somebody(uuid4(), Role.ADMINISTRATOR)
    another = somebody(uuid4(), Role.ADMINISTRATOR, client_id="another")
    made = propose_rule(session, facts=ANSWER, subject=proposer, now=now)
    (found,) = duties(session, another, now)
    assert (found.what, found.object_id, found.since) == (Duty.PUBLISH_RULE, made.id, now)
    auditor = somebody(uuid4(), Role.AUDITOR, client_id="reader")
    assert duties(session, proposer, now) == duties(session, auditor, now) == []
    withdraw_rule(session, proposal_id=made.id, subject=another, now=now)
    assert duties(session, another, now) == []


def test_a_link_leads_to_what_waits(
    client: TestClient, database: Database, token_for: TokenFor, now: datetime
) -> None:
    with database.begin() as session:
        school = open_school(session, now=now, roles=(held(),))
        programme_of(session, school, now)
        kind = session.scalars(select(Organisation.kind)).one()
    assert kind == OrganisationKind.VOCATIONAL_SCHOOL
    headers = token_for("provider", organisation_id=UUID(str(school.id)))
    answer = client.get(f"{V1}/duties", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    (found,) = items
    assert client.get(found["link"], headers=headers).json()["id"] == found["object_id"]
