"""Clients and endpoints on a real database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.errors import (
    ClientIdTaken,
    EndpointAddressRefused,
    EndpointNotFound,
    OrganisationInactive,
    PrivateKeySubmitted,
)
from services.directory.models import Client, Endpoint, Organisation
from shared.contracts import EndpointChanged
from shared.contracts.vocabulary import (
    EndpointStatus,
    EndpointTopic,
)
from shared.kit.errors import VersionChanged
from tests.directory.builders import ACTOR, Signer, audited, open_school, register, told

URL = "https://truong.edu.vn/hooks"
Settle = Callable[[], None]


def renamed(*roles: object, **changes: object) -> domain.OrganisationFacts:
    told = {"name_vi": "Tên mới", "name_en": "New name", "roles": tuple(roles)}
    return domain.OrganisationFacts(**(told | changes))  # type: ignore[arg-type]


def test_a_client_keeps_its_bare_public_key(
    session: Session, settle: Settle, now: datetime, signer: Signer
) -> None:
    school = open_school(session, now=now)
    register(session, signer, school.id)
    settle()
    kept = session.scalars(select(Client.public_jwk)).one()
    assert kept == {"kty": "OKP", "crv": "Ed25519", "x": signer.public_jwk["x"]}
    assert audited(session)[-1] == ("client.registered", "done")


def test_a_client_id_belongs_to_one_client(session: Session, now: datetime, signer: Signer) -> None:
    register(session, signer, open_school(session, now=now).id)
    other = open_school(session, now=now, code="other")
    with pytest.raises(ClientIdTaken):
        register(session, Signer(now), other.id)
    assert domain.find_client(session, client_id=signer.client_id).organisation_id != other.id


def test_a_private_key_is_never_kept_not_even_past_the_code(
    session: Session, now: datetime, signer: Signer
) -> None:
    school = open_school(session, now=now)
    with pytest.raises(PrivateKeySubmitted):
        domain.register_client(
            session,
            client_id="careless",
            organisation_id=school.id,
            public_jwk=signer.key.as_dict(private=True),
            now=now,
            actor=ACTOR,
        )
    register(session, signer, school.id)
    with pytest.raises(IntegrityError, match="ck_clients_public_jwk"), session.begin_nested():
        session.execute(update(Client).values(public_jwk={**signer.public_jwk, "d": "x"}))


def test_a_changed_client_key_is_the_next_version(
    session: Session, now: datetime, signer: Signer
) -> None:
    register(session, signer, open_school(session, now=now).id)
    renewed = Signer(now)

    def change(version: int) -> Client:
        return domain.change_client(
            session,
            client_id=signer.client_id,
            public_jwk=renewed.public_jwk,
            is_active=True,
            expected_version=version,
            now=now,
            actor=ACTOR,
        )

    changed = change(1)
    assert changed.version == 2
    assert changed.public_jwk["x"] == renewed.public_jwk["x"]
    with pytest.raises(VersionChanged):
        change(1)


def test_nothing_is_registered_for_an_organisation_that_left(
    session: Session, now: datetime, signer: Signer
) -> None:
    school = open_school(session, now=now)
    domain.change_organisation(
        session,
        organisation_id=school.id,
        facts=renamed(is_active=False),
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    with pytest.raises(OrganisationInactive):
        register(session, signer, school.id)
    with pytest.raises(OrganisationInactive):
        set_endpoint(session, school, now=now)


def set_endpoint(
    session: Session,
    school: Organisation,
    *,
    now: datetime,
    url: str = URL,
    topic: EndpointTopic | None = None,
) -> Endpoint:
    return domain.register_endpoint(
        session,
        organisation_id=school.id,
        url=url,
        topic=topic,
        allow_loopback=False,
        now=now,
        actor=ACTOR,
    )


def disable(
    session: Session, school: Organisation, endpoint_id: UUID, *, now: datetime
) -> Endpoint:
    return domain.disable_endpoint(
        session, organisation_id=school.id, endpoint_id=endpoint_id, now=now, actor=ACTOR
    )


def test_an_endpoint_is_told_without_its_secret(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    endpoint = set_endpoint(session, school, now=now)
    settle()
    last = told(session)[-1]
    assert last == EndpointChanged(
        occurred_at=now,
        endpoint_id=endpoint.id,
        organisation_id=school.id,
        url=URL,
        status=EndpointStatus.ACTIVE,
        secret_version=1,
    )
    assert "whsec_" not in last.model_dump_json()


def test_what_an_endpoint_is_for_is_told_with_it(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    set_endpoint(session, school, now=now)
    set_endpoint(session, school, now=now, topic=EndpointTopic.CASES)
    settle()
    changes = [message for message in told(session) if isinstance(message, EndpointChanged)]
    assert [each.topic for each in changes] == [None, EndpointTopic.CASES]


def test_a_replaced_endpoint_keeps_its_id_and_gets_the_next_secret(
    session: Session, now: datetime
) -> None:
    school = open_school(session, now=now)
    first = set_endpoint(session, school, now=now).id
    replaced = set_endpoint(session, school, now=now, url="https://moi.edu.vn/hooks")
    assert (replaced.id, replaced.secret_version) == (first, 2)
    assert replaced.url == "https://moi.edu.vn/hooks"


def test_after_a_disabled_endpoint_a_new_one_begins(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    first = set_endpoint(session, school, now=now).id
    disabled = disable(session, school, first, now=now)
    assert (disabled.id, disabled.status) == (first, EndpointStatus.DISABLED)
    with pytest.raises(EndpointNotFound):
        disable(session, school, first, now=now)
    second = set_endpoint(session, school, now=now)
    assert second.id != first
    assert second.secret_version == 1
    settle()
    changes = [message for message in told(session) if isinstance(message, EndpointChanged)]
    assert [(change.endpoint_id, change.status) for change in changes] == [
        (first, EndpointStatus.ACTIVE),
        (first, EndpointStatus.DISABLED),
        (second.id, EndpointStatus.ACTIVE),
    ]


@pytest.mark.parametrize("topic", [None, *EndpointTopic])
def test_an_organisation_has_one_active_endpoint_of_a_topic_whatever_the_code_does(
    session: Session, now: datetime, topic: EndpointTopic | None
) -> None:
    school = open_school(session, now=now)
    set_endpoint(session, school, now=now, topic=topic)
    second = {
        "id": uuid4(),
        "organisation_id": school.id,
        "topic": topic,
        "url": URL,
        "secret_version": 1,
        "status": EndpointStatus.ACTIVE,
        "registered_at": now,
        "changed_at": now,
    }
    with pytest.raises(IntegrityError, match="uq_endpoints_active"), session.begin_nested():
        session.execute(insert(Endpoint), [second])


def test_an_address_that_is_refused_leaves_nothing(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    with pytest.raises(EndpointAddressRefused):
        set_endpoint(session, school, now=now, url="http://127.0.0.1:9000/hooks")
    settle()
    assert session.scalars(select(Endpoint)).all() == []
    assert audited(session) == [("organisation.opened", "done")]


def test_a_repeated_change_is_later_than_the_first(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    later = now + timedelta(hours=1)
    first = set_endpoint(session, school, now=now).registered_at
    second = set_endpoint(session, school, now=later)
    assert (second.registered_at, second.changed_at) == (first, later)
