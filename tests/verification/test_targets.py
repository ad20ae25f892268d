"""T2: everybody in need is protected. Whatever keeps somebody from it is told one by one."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.verification import domain
from services.verification.models import Protection
from services.verification.policy import (
    ProtectionFacts,
    ProtectionGap,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionParty,
    ProtectionReason,
)
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date, start_of_day
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from tests.subjects import somebody
from tests.verification.builders import ACTOR, LONG_AGO, Bench

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
CITY = "31"
MEASURES = (ProtectionMeasure.SECRECY,)


def holds(role: Role, until: date | None = None) -> DatedRole:
    return DatedRole(role=role, area_code=CITY, valid_from=LONG_AGO, valid_to=until)


@pytest.fixture
def police(bench: Bench) -> UUID:
    return bench.organisation(holds(Role.PROTECTOR))


@pytest.fixture
def owner(bench: Bench) -> Subject:
    department = bench.organisation(holds(Role.CASE_OWNER), code="so-y-te")
    return somebody(department, Role.CASE_OWNER, areas=(CITY,))


def move(bench: Bench, asked: Protection, kind: ProtectionMove, **facts: Any) -> None:
    domain.move_protection(
        bench.session,
        protection_id=asked.id,
        subject=somebody(asked.protector_id or uuid4(), Role.PROTECTOR),
        facts=ProtectionFacts(kind, **facts),
        expected_version=asked.version,
        actor=ACTOR,
        now=bench.now,
    )


def granted(bench: Bench, owner: Subject, days: int = 30) -> Protection:
    made = bench.ask_protection(bench.opened(), owner)
    review_on = local_date(bench.now) + timedelta(days=days)
    move(bench, made, ProtectionMove.GRANT, measures=MEASURES, review_on=review_on)
    return made


def counted(bench: Bench, subject: Subject) -> tuple[int, int, int]:
    """In need, protected, exceptions."""
    bench.session.flush()
    found = domain.find_protecting(bench.session, subject=subject, now=bench.now)
    return found.in_need, found.protected, found.excepted


def exceptions(bench: Bench, subject: Subject) -> list[domain.Unprotected]:
    bench.session.flush()
    found = domain.find_unprotected(
        bench.session, subject=subject, now=bench.now, after=None, size=10
    )
    return list(found)


def test_whom_nobody_asked_protection_for_is_not_in_need(bench: Bench, owner: Subject) -> None:
    bench.opened()
    assert counted(bench, owner) == (0, 0, 0)


def test_whoever_waits_for_a_decision_is_not_protected_from_the_first_moment(
    bench: Bench, police: UUID, owner: Subject
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    assert counted(bench, owner) == (1, 0, 1)
    (found,) = exceptions(bench, owner)
    assert (found.protection_id, found.gap) == (made.id, ProtectionGap.AWAITED)
    assert (found.who, found.organisation_id) == (ProtectionParty.PROTECTOR, police)
    assert (found.since, found.due_at) == (bench.now, bench.now + DAY)


@pytest.mark.parametrize(
    ("after", "gap"),
    [(DAY - MINUTE, ProtectionGap.AWAITED), (DAY, ProtectionGap.OVERDUE)],
    ids=["a minute before", "to the minute"],
)
def test_what_is_not_decided_by_its_end_is_overdue(
    bench: Bench, police: UUID, owner: Subject, after: timedelta, gap: ProtectionGap
) -> None:
    bench.ask_protection(bench.opened(), owner)
    (found,) = exceptions(bench.at(bench.now + after), owner)
    assert (found.gap, found.organisation_id) == (gap, police)


def test_where_nobody_protects_it_is_the_turn_of_whoever_owns_the_case(
    bench: Bench, owner: Subject
) -> None:
    bench.ask_protection(bench.opened(), owner)
    (found,) = exceptions(bench, owner)
    assert (found.gap, found.who) == (ProtectionGap.NO_PROTECTOR, ProtectionParty.CASE_OWNER)
    assert found.organisation_id == owner.organisation_id


def test_where_nobody_owns_the_case_either_it_is_nobodys_turn(bench: Bench) -> None:
    bench.ask_protection(bench.opened(), somebody(uuid4(), Role.CASE_OWNER, areas=(CITY,)))
    (found,) = exceptions(bench, somebody(uuid4(), Role.AUDITOR, areas=(CITY,)))
    assert (found.gap, found.who) == (ProtectionGap.NO_PROTECTOR, None)


@pytest.mark.usefixtures("police")
def test_whoever_is_guarded_is_protected_until_the_day_of_the_review_is_over(
    bench: Bench, owner: Subject
) -> None:
    made = granted(bench, owner, days=10)
    assert (counted(bench, owner), exceptions(bench, owner)) == ((1, 1, 0), [])
    assert made.review_on is not None
    on_the_day = bench.at(start_of_day(made.review_on))
    assert counted(on_the_day, owner) == (1, 1, 0), "it is looked at on that day"
    over = start_of_day(made.review_on + DAY)
    assert counted(bench.at(over), owner) == (1, 0, 1)
    (found,) = exceptions(bench.at(over), owner)
    assert (found.gap, found.since) == (ProtectionGap.REVIEW_PASSED, over)
    assert (found.who, found.due_at) == (ProtectionParty.PROTECTOR, None)


def test_whoever_is_guarded_by_somebody_who_may_no_more_is_not_protected(
    bench: Bench, owner: Subject
) -> None:
    until = local_date(bench.now + 3 * DAY)
    bench.organisation(holds(Role.PROTECTOR, until))
    granted(bench, owner)
    later = bench.at(start_of_day(until) + MINUTE)
    domain.watch_protections(bench.session, later.now)
    (found,) = exceptions(later, owner)
    assert (found.gap, found.who) == (ProtectionGap.PROTECTOR_ENDED, ProtectionParty.CASE_OWNER)
    assert found.since == later.now, "when it was seen"


@pytest.mark.usefixtures("police")
def test_whatever_was_answered_and_is_over_is_no_need(bench: Bench, owner: Subject) -> None:
    paper: dict[str, Any] = {"paper_number": "12/BC-CATP", "paper_on": local_date(bench.now)}
    ended = granted(bench, owner)
    move(bench, ended, ProtectionMove.END, reason=ProtectionReason.DANGER_OVER)
    refused = bench.ask_protection(bench.opened(), owner)
    move(bench, refused, ProtectionMove.REFUSE, reason=ProtectionReason.NOT_COVERED, **paper)
    move(bench, bench.ask_protection(bench.opened(), owner), ProtectionMove.DECLINE, **paper)
    assert (counted(bench, owner), exceptions(bench, owner)) == ((0, 0, 0), [])


@pytest.mark.usefixtures("police")
def test_a_person_is_counted_once_and_not_protected_while_more_is_awaited(
    bench: Bench, owner: Subject
) -> None:
    made = granted(bench, owner)
    more = bench.ask_protection(bench.of(made.case_id), owner)
    granted(bench, owner)
    assert counted(bench, owner) == (2, 1, 1)
    assert [it.protection_id for it in exceptions(bench, owner)] == [more.id]


@pytest.mark.usefixtures("police")
def test_others_learn_of_no_exception(bench: Bench, owner: Subject) -> None:
    bench.ask_protection(bench.opened(), owner)
    elsewhere = somebody(uuid4(), Role.CASE_OWNER, areas=("79",))
    assert (counted(bench, elsewhere), exceptions(bench, elsewhere)) == ((0, 0, 0), [])


def test_the_exceptions_are_read_page_by_page(
    client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., dict[str, str]]
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        asking = somebody(uuid4(), Role.CASE_OWNER, areas=(CITY,))
        made = [bench.ask_protection(bench.opened(), asking).id for _ in range(3)]
    headers = token_for("auditor", areas=(CITY,))
    where, read = "/verification/v1/targets?page_size=2", []
    while where:
        answer = client.get(where, headers=headers)
        assert answer.status_code == 200, answer.text
        assert [answer.json()[it] for it in ("in_need", "protected", "excepted")] == [3, 0, 3]
        read += [it["protection_id"] for it in answer.json()["items"]]
        where = answer.links.get("next", {}).get("url", "")
    assert read == sorted(map(str, made))
