"""One order of locks: frames about endpoints and administrators never wait in a circle."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.models import Endpoint
from services.directory.tasks import consumer
from shared.contracts import EndpointDisabled
from shared.contracts.vocabulary import EndpointReason, EndpointStatus
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id
from tests.directory.builders import ACTOR, open_school
from tests.noticing import Deadlocks

SCHOOLS = 12
TURNS = 12


def test_frames_of_endpoints_and_administrators_never_wait_in_a_circle(
    begin: Begin, now: datetime
) -> None:
    met = Deadlocks(begin)
    with begin() as session:
        schools = [open_school(session, now=now, code=f"school-{n}").id for n in range(SCHOOLS)]
        for school in schools:
            _registered(session, school, now)

    def tell(order: Sequence[UUID]) -> None:
        """Frames about all endpoints that are called, in one order or the other."""
        for _ in range(TURNS):
            frame = _frame(begin, order, now)
            with met.begin() as session:
                consumer.handlers[EndpointDisabled](session, frame, now)

    def administrate(act: Callable[[Session, UUID], object], order: Sequence[UUID]) -> None:
        for school in [school for _ in range(TURNS) for school in order]:
            with suppress(DomainError), met.begin() as session:
                act(session, school)

    acts = (
        lambda: tell(schools),
        lambda: tell(schools[::-1]),
        lambda: administrate(lambda session, school: _registered(session, school, now), schools),
        lambda: administrate(lambda session, it: _registered(session, it, now), schools[::-1]),
        lambda: administrate(lambda session, school: _withdrawn(session, school, now), schools),
    )
    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
    assert met.deadlocks == []
    with begin() as session:
        active = session.scalars(
            select(Endpoint.organisation_id).where(Endpoint.status == EndpointStatus.ACTIVE)
        ).all()
        assert len(active) == len(set(active)), "one for each organisation at most"


def test_seeding_and_frames_of_endpoints_never_wait_in_a_circle(
    begin: Begin, now: datetime
) -> None:
    met = Deadlocks(begin)
    read = domain.read_seed()
    rows = sorted(read.organisations, key=lambda row: UUID(row["id"]))
    facts = domain.Seed(rows[::-1], [])
    frame = [
        EndpointDisabled(
            occurred_at=now,
            endpoint_id=new_id(),
            organisation_id=UUID(row["id"]),
            secret_version=1,
            reason=EndpointReason.GONE,
        )
        for row in rows
    ]

    def seed() -> None:
        for _ in range(TURNS):
            with suppress(OperationalError), met.begin() as session:
                domain.seed_directory(session, facts=facts, now=now)

    def tell() -> None:
        for _ in range(4 * TURNS):
            with suppress(OperationalError), met.begin() as session:
                consumer.handlers[EndpointDisabled](session, frame, now)

    with begin() as session:
        domain.seed_directory(session, facts=facts, now=now)
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(act) for act in (seed, tell)]:
            done.result()
    assert met.deadlocks == []


def _registered(session: Session, school: UUID, now: datetime) -> None:
    domain.register_endpoint(
        session,
        organisation_id=school,
        url="https://truong.edu.vn/hooks",
        allow_loopback=False,
        now=now,
        actor=ACTOR,
    )


def _withdrawn(session: Session, school: UUID, now: datetime) -> None:
    shown = [each.id for each in domain.find_endpoints(session, organisation_id=school)]
    domain.disable_endpoint(
        session,
        organisation_id=school,
        endpoint_id=next(iter(shown), uuid4()),
        now=now,
        actor=ACTOR,
    )


def _frame(begin: Begin, order: Sequence[UUID], now: datetime) -> list[EndpointDisabled]:
    """What notification would tell of the versions it calls now."""
    with begin() as session:
        active = select(Endpoint).where(Endpoint.status == EndpointStatus.ACTIVE)
        called = {each.organisation_id: each for each in session.scalars(active)}
        return [
            EndpointDisabled(
                occurred_at=now,
                endpoint_id=called[school].id,
                organisation_id=school,
                secret_version=called[school].secret_version,
                reason=EndpointReason.GONE,
            )
            for school in order
            if school in called
        ]
