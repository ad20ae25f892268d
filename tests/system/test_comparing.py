"""Partners asked about one person lay side by side all they received, and find nothing in common.

A plan with two needs goes to three partners, one of them asked after another had rejected; then
consent is withdrawn. Whatever each of them received is taken apart: webhooks with their headers,
every page and every answer of the APIs. What partners of *one* person share is held against what
partners of *another* person received meanwhile: only what also stands there is a constant.
"""

import base64
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Engine, text

from services.intake import api as intake_api
from services.intake.api import open_desk
from services.livelihood_support import api as livelihood_api
from services.notification import api as notification_api
from shared.contracts import (
    ConsentScope,
    ConsentWithdrawn,
    Queue,
    Reception,
    VerificationConcluded,
)
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    Purpose,
    Regime,
    VerificationOutcome,
)
from shared.kit.auth import TokenVerifier
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from shared.kit.identifiers import new_id
from tests.conftest import emptied
from tests.intake.builders import facts, receive, submission
from tests.system.partners import Exchange, MakePartner, Partner, Ticking, partners

SERVICES = (Queue.INTAKE, Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION)
SCHOOL, BANK = OrganisationKind.VOCATIONAL_SCHOOL, OrganisationKind.POLICY_BANK
VOCATIONAL, LOAN = EntitlementCode.VOCATIONAL, EntitlementCode.LOAN
KEYS = MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32))
TRACES = {
    "one": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "other": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
"""The trace each person's case began with."""

TOLD_ON_PURPOSE = frozenset({"area_code", "age_band", "sex"})
"""What a partner needs to answer at all; two who were asked about one person read the same."""
OF_THE_DAY = frozenset({"answer_by"})
"""The end of a day, for everyone asked on it."""
OF_THE_PERSON = frozenset({"body.person"})
"""Disclosed after acceptance, by consent, each time recorded: a name says that it is the same."""
OF_THE_MOMENT = frozenset({"webhook-timestamp", "webhook-signature", "content-length", "date"})
"""When a request was made: nobody can hide that from whoever receives it (ADR 0020)."""

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


@pytest.fixture
def exchange(engine_of: Callable[[str], Engine], verifier: TokenVerifier) -> Iterator[Exchange]:
    databases = {service: Database(engine_of(service)) for service in SERVICES}
    clock = Ticking()
    made = Exchange({service: each.begin for service, each in databases.items()}, clock)
    desk = open_desk(databases[Queue.INTAKE].begin, clock)
    routers = {
        Queue.INTAKE: intake_api.router,
        Queue.LIVELIHOOD_SUPPORT: livelihood_api.router,
        Queue.NOTIFICATION: notification_api.router,
    }
    for service, database in databases.items():
        edge = Edge(service, service, database.begin, database.read, verifier, clock)
        state: dict[str, Any] = (
            {"desk": desk, "master_keys": KEYS} if service is Queue.INTAKE else {}
        )
        made.apps[service] = create_api(edge, [routers[service]], **state)
    yield made
    desk.close()
    for service in SERVICES:
        emptied(engine_of(service))


@pytest.fixture
def make_partner(token_for: Callable[..., dict[str, str]]) -> Iterator[MakePartner]:
    with partners(token_for) as make:
        yield make


def submitted(exchange: Exchange, trace: str) -> UUID:
    """A person who asks for training and a loan, and agrees to both kinds of organisation."""
    consents = [
        {"organisation_kind": kind, "purpose": Purpose.SERVICE_REFERRAL} for kind in (SCHOOL, BANK)
    ]
    body = submission(requested_services=[VOCATIONAL, LOAN], consents=consents)
    case = facts(KEYS, body, traceparent=trace)
    with exchange.begins[Queue.INTAKE]() as session:
        receive(session, case)
    exchange.carry()
    return case.case_id


def identified(exchange: Exchange, case_id: UUID, trace: str) -> None:
    now = exchange.clock()
    concluded = VerificationConcluded(
        occurred_at=now,
        case_id=case_id,
        verification_id=new_id(),
        outcome=VerificationOutcome.IDENTIFIED,
        regime=Regime.LAW_2024,
        opened_at=now,
        reception=Reception(
            case_code="HP-7K3M-9Q2F", receiver_id=new_id(), area_code="11560", told_at=now
        ),
    )
    for queue in (Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION):
        exchange.deliver(queue, concluded, trace)
    exchange.carry()


def withdrawn(exchange: Exchange, case_id: UUID, trace: str) -> None:
    for kind in (SCHOOL, BANK):
        scope = ConsentScope(organisation_kind=kind, purpose=Purpose.SERVICE_REFERRAL)
        told = ConsentWithdrawn(occurred_at=exchange.clock(), case_id=case_id, scope=scope)
        exchange.deliver(Queue.LIVELIHOOD_SUPPORT, told, trace)
    exchange.carry()


def link_of(partner: Partner) -> str:
    """The address of the latest webhook."""
    link: str = orjson.loads(partner.receiver.got[-1].body)["data"]["link"]
    return link


def moved(exchange: Exchange, partner: Partner, body: Mapping[str, Any]) -> None:
    link = link_of(partner)
    etag = exchange.ask(partner, "GET", link).headers["etag"]
    made = exchange.ask(partner, "POST", f"{link}/moves", body, **{"If-Match": etag})
    assert made.status_code == 201
    exchange.carry()


def disclosed(exchange: Exchange, partner: Partner) -> None:
    reference = link_of(partner).rsplit("/", 1)[1]
    body = {"referral_id": reference, "purpose": Purpose.SERVICE_REFERRAL}
    made = exchange.ask(partner, "POST", "/intake/v1/disclosures", body)
    assert made.status_code == 201
    assert made.json()["person"]["full_name"]


def lived(exchange: Exchange, make_partner: MakePartner, name: str) -> list[Partner]:
    """One person's way through three partners, to the withdrawal of consent."""
    first, bank = make_partner(f"{name}1", SCHOOL, VOCATIONAL), make_partner(name, BANK, LOAN)
    exchange.join(first)
    exchange.join(bank)
    trace = TRACES[name]
    case_id = submitted(exchange, trace)
    identified(exchange, case_id, trace)
    exchange.send([first, bank], 1)
    second = make_partner(f"{name}2", SCHOOL, VOCATIONAL)
    exchange.join(second)
    for each in (first, bank):
        exchange.read_all(each)
        moved(exchange, each, {"move": "seen"})
    exchange.clock.leap(hours=30)
    moved(exchange, first, {"move": "reject", "reason": "distance"})
    exchange.send([second], 1)
    for each in (second, bank):
        moved(exchange, each, {"move": "accept"})
        disclosed(exchange, each)
        exchange.read_all(each)
    withdrawn(exchange, case_id, trace)
    exchange.send([second, bank], 2)
    for each in (second, bank):
        exchange.read_all(each)
    found = [first, bank, second]
    for each in found:
        each.received += [
            {"headers": dict(got.headers), "body": orjson.loads(got.body)}
            for got in each.receiver.got
        ]
    exchange.clock.leap(days=3)
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with the names that lead to it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from leaves(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, value


def is_allowed(path: str) -> bool:
    names = set(path.split("."))
    listed = TOLD_ON_PURPOSE | OF_THE_DAY | OF_THE_MOMENT
    return bool(names & listed) or any(path.startswith(each) for each in OF_THE_PERSON)


def parts_of(partner: Partner) -> set[str]:
    """What can be compared: ids, instants, cursors, traces, texts, wherever they stand."""
    found: set[str] = set()
    for path, value in leaves(partner.received):
        if isinstance(value, bool) or value is None or is_allowed(path):
            continue
        text = str(value)
        found.update({text, *UUIDS.findall(text), *INSTANTS.findall(text)})
        found.update(re.findall(r"[0-9a-f]{16,32}", text))
        if path.endswith("next_cursor"):
            inside = base64.urlsafe_b64decode(text + "==").decode("latin-1")
            assert UUIDS.search(inside)
            found.update(UUIDS.findall(inside))
    return found - partner.known_before


@pytest.fixture
def people(exchange: Exchange, make_partner: MakePartner) -> tuple[list[Partner], list[Partner]]:
    one = lived(exchange, make_partner, "one")
    with exchange.begins[Queue.LIVELIHOOD_SUPPORT]() as session:
        # The next person is referred to others.
        session.execute(text("UPDATE programmes SET is_active = false"))
    return one, lived(exchange, make_partner, "other")


def test_partners_of_one_person_share_nothing_that_those_of_another_do_not_have(
    people: tuple[list[Partner], list[Partner]],
) -> None:
    one, other = people
    constants = set[str]().union(*map(parts_of, other))
    for some, next_to in itertools.combinations(one, 2):
        shared = (parts_of(some) & parts_of(next_to)) - constants
        assert {each for each in shared if not is_minute(each)} == set()


def is_minute(text: str) -> bool:
    return INSTANTS.fullmatch(text) is not None and text[16:] in {":00Z", ":00+00:00"}


def test_no_id_a_partner_receives_tells_when_it_was_made(
    people: tuple[list[Partner], list[Partner]],
) -> None:
    for partner in people[0]:
        ids = {UUID(each) for each in parts_of(partner) if UUIDS.fullmatch(each)}
        assert len(ids) >= 3
        assert {each.version for each in ids} == {4}
        beginnings = [each.hex[:8] for each in ids]
        assert len(set(beginnings)) == len(beginnings)


def test_every_instant_a_partner_receives_is_a_minute(
    people: tuple[list[Partner], list[Partner]],
) -> None:
    for partner in people[0]:
        told = [
            (path, value)
            for path, value in leaves(partner.received)
            if INSTANTS.fullmatch(str(value)) and not path.endswith("changed_at")
        ]
        assert told
        assert [each for each in told if not is_minute(each[1])] == []


def test_who_is_asked_later_is_not_told_since_when_the_person_waits(
    people: tuple[list[Partner], list[Partner]],
) -> None:
    first, bank, second = people[0]
    for early in (first, bank):
        instants = {each for each in parts_of(second) if is_minute(each)}
        asked = min(each for each in parts_of(early) if is_minute(each))
        assert asked not in instants


def test_no_partner_receives_the_case_or_its_trace(
    people: tuple[list[Partner], list[Partner]], exchange: Exchange
) -> None:
    with exchange.begins[Queue.LIVELIHOOD_SUPPORT]() as session:
        inner = [
            str(each)
            for each in session.scalars(
                text("SELECT case_id FROM case_files UNION SELECT id FROM referrals")
            )
        ]
    assert len(inner) == 6
    for partner in itertools.chain(*people):
        received = orjson.dumps(partner.received).decode()
        for secret in (*inner, *(trace.split("-")[1] for trace in TRACES.values())):
            assert secret not in received
