"""Which verifications there are for whom: for lists, single reads, moves and alerts alike."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.api import verifications
from services.verification.errors import MoveNotAllowed, VerificationNotFound
from services.verification.models import Verification
from services.verification.policy import Move, MoveFacts
from services.verification.tasks import consumer
from shared.auditing.api import audit_routes
from shared.contracts import CaseHandedOver
from shared.contracts.vocabulary import HandOverReason, Role
from shared.duties.api import duties_routes
from shared.kit.database import Begin
from shared.kit.subjects import Grant, Subject
from shared.messaging.api import alerts_routes
from tests.noted import readings
from tests.reaching import (
    HERE,
    THERE,
    THINGS,
    Ask,
    Lies,
    among,
    expected,
    shown,
    told_by,
    unlisted,
)
from tests.subjects import somebody
from tests.verification.builders import START, Bench, verifier

BASE = "/verification/v1"
Headers = dict[str, str]

TABLE = """
                                         verifier case_owner operator auditor others
GET /verification/v1/verifications                         ++--     +-+-       xxxx     xxxx    xxxx
GET /verification/v1/verifications/{verification_id}       ++--     +-+-       xxxx     xxxx    xxxx
GET /verification/v1/verifications/{verification_id}/moves ++--     +-+-       xxxx     xxxx    xxxx
POST /verification/v1/verifications/{verification_id}/moves ++--    +-+-       xxxx     xxxx    xxxx
GET /verification/v1/verifications/{verification_id}/papers ++--    +-+-       xxxx     xxxx    xxxx
POST /verification/v1/verifications/{verification_id}/papers ++--   +-+-       xxxx     xxxx    xxxx
GET /verification/v1/verifications/{verification_id}/evidence ++--  +-+-       xxxx     xxxx    xxxx
POST /verification/v1/verifications/{verification_id}/evidence ++-- +-+-       xxxx     xxxx    xxxx
GET /verification/v1/alerts                                xxxx     +-+-       ++++     xxxx    xxxx
GET /verification/v1/duties                                ++--     +-+-       ----     ----    ----
GET /verification/v1/audit-entries                         xxxx     xxxx       xxxx     +-+-    xxxx
"""


@pytest.fixture
def routers() -> list[APIRouter]:
    return [
        verifications.router,
        alerts_routes(domain.reached_alerts),
        duties_routes(domain.DUTIES),
        audit_routes(domain.TRAIL),
    ]


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, now: datetime, us: UUID) -> Mapping[Lies, UUID]:
    """One verification of each kind; nobody may decide any of them, so each is an alert, too."""
    made = {}
    with begin() as session:
        bench = Bench(session, now)
        them = bench.organisation(verifier(HERE), verifier(THERE), code="them")
        for lies in THINGS:
            case = bench.case(area_code=lies.area)
            bench.open(case)
            found = bench.of(case.case_id)
            found.verifier_id = us if lies.is_own else them
            made[lies] = found.id
        bench.organisation(organisation_id=them, code="them", is_active=False)
        session.flush()
        assert domain.watch_standstills(session, now + timedelta(minutes=2)) == len(THINGS)
    return made


CERTIFICATE = {"kind": "certificate", "number": "45/GXN-CATP", "issued_on": "2026-03-02"}
RECORD = {"source": "rescuing_body", "number": "07/BB-DBP", "issued_on": "2026-03-02"}


def listing(client: TestClient, made: Mapping[Lies, UUID], path: str) -> Ask:
    def ask(headers: Headers, lies: Lies) -> Any:
        return told_by(client.get(path.format(made[lies]), headers=headers))

    return ask


def recording(
    client: TestClient, made: Mapping[Lies, UUID], path: str, body: Mapping[str, str]
) -> Ask:
    def ask(headers: Headers, lies: Lies) -> Any:
        once = {"Idempotency-Key": str(uuid4())}
        return told_by(client.post(path.format(made[lies]), json=body, headers=headers | once))

    return ask


@pytest.fixture
def asks(client: TestClient, begin: Begin, made: Mapping[Lies, UUID]) -> Mapping[str, Ask]:
    with begin() as session:
        cases = {it.id: it.case_id for it in session.scalars(select(Verification))}
    one = f"{BASE}/verifications/{{}}"
    moves, papers, evidence = f"{one}/moves", f"{one}/papers", f"{one}/evidence"

    def listed(headers: Headers, lies: Lies) -> Any:
        return among(client.get(f"{BASE}/verifications", headers=headers), made[lies])

    def read(headers: Headers, lies: Lies) -> Any:
        return told_by(client.get(one.format(made[lies]), headers=headers))

    def listed_moves(headers: Headers, lies: Lies) -> Any:
        return told_by(client.get(moves.format(made[lies]), headers=headers))

    def move(headers: Headers, lies: Lies) -> Any:
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"99"'}
        body = {"move": "start"}
        place = moves.format(made[lies])
        return told_by(client.post(place, json=body, headers=headers | extra))

    def alerted(headers: Headers, lies: Lies) -> Any:
        return among(client.get(f"{BASE}/alerts", headers=headers), made[lies], "object_id")

    def due(headers: Headers, lies: Lies) -> Any:
        return among(client.get(f"{BASE}/duties", headers=headers), made[lies], "object_id")

    def audited(headers: Headers, lies: Lies) -> Any:
        asked = {"case_id": str(cases[made[lies]])}
        answer = client.get(f"{BASE}/audit-entries", params=asked, headers=headers)
        return among(answer, made[lies], "object_id")

    return {
        "GET /verification/v1/audit-entries": audited,
        "GET /verification/v1/duties": due,
        "GET /verification/v1/verifications": listed,
        "GET /verification/v1/verifications/{verification_id}": read,
        "GET /verification/v1/verifications/{verification_id}/moves": listed_moves,
        "POST /verification/v1/verifications/{verification_id}/moves": move,
        "GET /verification/v1/verifications/{verification_id}/papers": listing(
            client, made, papers
        ),
        "POST /verification/v1/verifications/{verification_id}/papers": recording(
            client, made, papers, CERTIFICATE
        ),
        "GET /verification/v1/verifications/{verification_id}/evidence": listing(
            client, made, evidence
        ),
        "POST /verification/v1/verifications/{verification_id}/evidence": recording(
            client, made, evidence, RECORD
        ),
        "GET /verification/v1/alerts": alerted,
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: Callable[..., Headers]
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    assert unlisted(client.app, TABLE) == set()  # type: ignore[arg-type]


def test_who_read_which_verification_is_noted(
    client: TestClient,
    begin: Begin,
    made: Mapping[Lies, UUID],
    us: UUID,
    token_for: Callable[..., Headers],
) -> None:
    police = token_for("verifier", organisation_id=us, client_id="police")
    one = made[THINGS[0]]
    case_id = client.get(f"{BASE}/verifications/{one}", headers=police).json()["case_id"]
    for path in (f"/{one}/moves", f"?case_id={case_id}", f"?case_id={uuid4()}", ""):
        assert client.get(f"{BASE}/verifications{path}", headers=police).status_code == 200
    lists = f"{BASE}/verifications"
    *single, of_all = readings(begin)
    assert single == [
        ("client:police", f"{lists}/{{verification_id}}", one),
        ("client:police", f"{lists}/{{verification_id}}/moves", one),
        ("client:police", lists, UUID(case_id)),
    ]
    assert of_all[1] == lists


GRANTS = (
    Grant(Role.VERIFIER, HERE),
    Grant(Role.CASE_OWNER, HERE),
    Grant(Role.CASE_OWNER, THERE),
    Grant(Role.CASE_OWNER, "31"),
)
HELD = tuple(chain.from_iterable(combinations(GRANTS, size) for size in range(len(GRANTS) + 1)))


def holding(organisation_id: UUID, *grants: Grant) -> Subject:
    subject = somebody(organisation_id)
    return type(subject)(**{**vars(subject), "grants": frozenset(grants)})


def test_a_list_has_exactly_what_the_single_read_shows(bench: Bench) -> None:
    us = bench.organisation(verifier(HERE))
    bench.organisation(verifier(THERE), code="them")
    places = (HERE, THERE, "00004")
    every = [bench.opened(area_code=place).id for place in places for _ in range(2)]

    def is_read(found: UUID, subject: Subject) -> bool:
        try:
            one = domain.find_verification(
                bench.session, verification_id=found, subject=subject, now=bench.now
            )
        except VerificationNotFound:
            return False
        return one.id == found

    seen = set()
    for grants in HELD:
        for who in (us, uuid4()):
            subject = holding(who, *grants)
            found = domain.find_verifications(
                bench.session,
                subject=subject,
                now=bench.now,
                status=None,
                case_id=None,
                is_open=False,
                after=None,
                size=100,
            )
            listed = {each.id for each in found}
            assert listed == {each for each in every if is_read(each, subject)}
            seen.add(len(listed))
    assert seen == {0, 2, 4, 6}


def test_a_role_held_elsewhere_lends_no_move_here(bench: Bench) -> None:
    """It verifies here and owns cases there: here it may not give the verification to another."""
    us = bench.organisation(verifier(HERE))
    made = bench.opened(area_code=HERE)
    both = holding(us, Grant(Role.VERIFIER, HERE), Grant(Role.CASE_OWNER, THERE))
    with pytest.raises(MoveNotAllowed) as refused:
        bench.move(made, MoveFacts(Move.ASSIGN, organisation_id=us), subject=both)
    assert refused.value.facts["legal"] == [Move.START]


def test_who_is_both_here_makes_the_moves_of_both(bench: Bench) -> None:
    us = bench.organisation(verifier(HERE))
    made = bench.opened(area_code=HERE)
    both = holding(us, Grant(Role.VERIFIER, HERE), Grant(Role.CASE_OWNER, HERE))
    bench.move(made, MoveFacts(Move.ASSIGN, organisation_id=us), START, subject=both)
    assert made.status == "in_progress"


def test_who_verifies_no_more_does_not_reach_it_as_a_case_owner_of_elsewhere(bench: Bench) -> None:
    us = bench.organisation(verifier(HERE))
    made = bench.opened(area_code=HERE)
    left = holding(us, Grant(Role.CASE_OWNER, THERE))
    with pytest.raises(VerificationNotFound):
        bench.move(made, START, subject=left)


def test_a_commune_told_before_the_reform_is_its_successors(bench: Bench) -> None:
    """Its number is nobody's since: it became a part of the commune here."""
    before = bench.at(datetime(2024, 5, 1, 5, tzinfo=UTC)).opened(area_code="11698")
    assert before.area_told_on == date(2024, 5, 1)
    for area, count in ((HERE, 1), (THERE, 0)):
        found = domain.find_verifications(
            bench.session,
            subject=somebody(uuid4(), Role.CASE_OWNER, areas=(area,)),
            now=bench.now,
            status=None,
            case_id=None,
            is_open=False,
            after=None,
            size=10,
        )
        assert len(found) == count


def test_a_case_told_late_has_the_area_of_the_day_it_was_told(bench: Bench) -> None:
    long_ago = datetime(2024, 5, 1, 5, tzinfo=UTC)
    made = bench.opened(received_at=long_ago, shown_at=bench.now)
    assert made.area_told_on == date(2026, 3, 2)


def test_an_area_that_was_told_with_its_day_is_read_by_that_day(bench: Bench) -> None:
    case = bench.case(area_code="11698", area_on=date(2024, 5, 1))
    bench.open(case)
    made = bench.of(case.case_id)
    here, there = (somebody(uuid4(), Role.CASE_OWNER, areas=(area,)) for area in (HERE, THERE))
    found = domain.find_verification(
        bench.session, verification_id=made.id, subject=here, now=bench.now
    )
    assert found.area_told_on == date(2024, 5, 1)
    with pytest.raises(VerificationNotFound):
        domain.find_verification(
            bench.session, verification_id=made.id, subject=there, now=bench.now
        )


def test_a_move_reaches_what_a_read_reaches(session: Session, bench: Bench) -> None:
    bench.organisation(verifier(HERE))
    made = bench.opened(area_code=HERE)
    there = somebody(uuid4(), Role.CASE_OWNER, areas=(THERE,))
    with pytest.raises(VerificationNotFound):
        bench.move(made, MoveFacts(Move.REOPEN), subject=there)
    assert session.get_one(Verification, made.id).version == 1


def test_a_case_that_was_handed_over_is_reached_from_elsewhere_while_it_is(bench: Bench) -> None:
    bench.organisation(verifier(HERE))
    made = bench.opened(area_code=HERE)
    version, new = made.version, somebody(uuid4(), Role.CASE_OWNER, areas=(THERE,))
    for named, count in ((new.organisation_id, 1), (None, 0)):
        told = CaseHandedOver(
            occurred_at=bench.now,
            case_id=made.case_id,
            handover_id=uuid4(),
            former_id=uuid4(),
            responsible_id=named,
            reason=HandOverReason.PERSON_MOVED,
        )
        consumer.take_locks(bench.session, [told])
        consumer.handlers[CaseHandedOver](bench.session, [told], bench.now)
        found = domain.find_verifications(
            bench.session,
            subject=new,
            now=bench.now,
            status=None,
            case_id=None,
            is_open=False,
            after=None,
            size=10,
        )
        assert len(found) == count
    assert made.version == version
