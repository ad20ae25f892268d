"""An endpoint whose receiver answers 410: one truth in both services, till it is back."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select

from services.directory import domain as directory
from services.directory.models import Endpoint
from services.notification import domain as notification
from services.notification.models import Delivery
from services.notification.models import Endpoint as Called
from services.notification.policy import DeliveryState
from shared.contracts import Queue, ReferralRequested
from shared.contracts.vocabulary import (
    AgeBand,
    EndpointStatus,
    EntitlementCode,
    OrganisationKind,
    Sex,
)
from shared.kit.database import Database
from shared.kit.identifiers import new_id
from tests.conftest import emptied, wait_until
from tests.directory.builders import open_school
from tests.notification.receivers import Receiver
from tests.system.partners import Exchange, Ticking

SERVICES = (Queue.DIRECTORY, Queue.NOTIFICATION)


@pytest.fixture
def exchange(engine_of: Callable[[str], Engine]) -> Iterator[Exchange]:
    databases = {service: Database(engine_of(service)) for service in SERVICES}
    yield Exchange({service: each.begin for service, each in databases.items()}, Ticking())
    for service in SERVICES:
        emptied(engine_of(service))


def test_a_410_is_seen_in_the_directory_and_registering_anew_delivers_what_waited(
    exchange: Exchange,
) -> None:
    with exchange.begins[Queue.DIRECTORY]() as session:
        school_id = open_school(session, now=exchange.clock()).id
    with Receiver() as receiver:
        receiver.answers = [(410, {})]
        register(exchange, school_id, receiver.url)
        exchange.deliver(Queue.NOTIFICATION, request(exchange, school_id))
        exchange.carry()
        with exchange.sending():
            wait_until(lambda: state(exchange) == DeliveryState.NO_ENDPOINT)
        exchange.carry()
        assert statuses(exchange) == (EndpointStatus.DISABLED, "gone", EndpointStatus.DISABLED)
        register(exchange, school_id, receiver.url)
        exchange.carry()
        assert statuses(exchange) == (EndpointStatus.ACTIVE, None, EndpointStatus.ACTIVE)
        with exchange.sending():
            wait_until(lambda: state(exchange) == DeliveryState.DELIVERED)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 2


def register(exchange: Exchange, school_id: object, url: str) -> None:
    with exchange.begins[Queue.DIRECTORY]() as session:
        directory.register_endpoint(
            session,
            organisation_id=school_id,  # type: ignore[arg-type]
            url=url,
            allow_loopback=True,
            now=exchange.clock(),
            actor="test",
        )
    exchange.carry()


def request(exchange: Exchange, school_id: object) -> ReferralRequested:
    return ReferralRequested(
        occurred_at=exchange.clock(),
        case_id=new_id(),
        referral_id=new_id(),
        offer_id=new_id(),
        programme_id=new_id(),
        organisation_id=school_id,
        organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
        code=EntitlementCode.VOCATIONAL,
        area_code="11359",
        age_band=AgeBand.ADULT,
        sex=Sex.FEMALE,
    )


def state(exchange: Exchange) -> str | None:
    with exchange.begins[Queue.NOTIFICATION]() as session:
        notification.release_deliveries(session, exchange.clock())
        return session.scalars(select(Delivery.state)).one()


def statuses(exchange: Exchange) -> tuple[str, str | None, str]:
    """What the directory shows, with its reason, and what notification goes by."""
    with exchange.begins[Queue.DIRECTORY]() as session:
        shown = session.scalars(select(Endpoint)).one()
    with exchange.begins[Queue.NOTIFICATION]() as session:
        return shown.status, shown.reason, session.scalars(select(Called.status)).one()
