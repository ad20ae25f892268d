"""One truth of an endpoint: what notification does not call is not shown as active here."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from services.directory.tasks import consumer
from shared.contracts import (
    MESSAGES,
    EndpointChanged,
    EndpointDisabled,
    IntakeRuleRehearsed,
    MailboxRefused,
    PhoneRefused,
    Queue,
    RuleRehearsed,
    VerificationRuleRehearsed,
)
from shared.contracts.vocabulary import EndpointReason, EndpointStatus
from shared.kit.audit import AUDIT
from shared.kit.database import Begin, Database
from tests.conftest import NOON
from tests.directory.builders import told
from tests.directory.calls import V1, Headers, key, post, refused

URL = "https://truong.edu.vn/hooks"


@pytest.fixture
def path(school: dict[str, Any]) -> str:
    return f"/organisations/{school['id']}/endpoints"


def shown_at(client: TestClient, path: str, who: Headers) -> list[dict[str, Any]]:
    answer = client.get(V1 + path, headers=who)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def tell_gone(begin: Begin, endpoint: dict[str, Any], *, version: int) -> None:
    message = EndpointDisabled(
        occurred_at=NOON,
        endpoint_id=UUID(endpoint["id"]),
        organisation_id=UUID(endpoint["organisation_id"]),
        secret_version=version,
        reason=EndpointReason.GONE,
    )
    with begin() as session:
        consumer.handlers[EndpointDisabled](session, [message], NOON)


def test_every_message_addressed_here_has_a_handler() -> None:
    addressed = {message for message in MESSAGES if Queue.DIRECTORY in message.to}
    assert set(consumer.handlers) == addressed
    rehearsed = {RuleRehearsed, VerificationRuleRehearsed, IntakeRuleRehearsed}
    assert addressed == {EndpointDisabled, MailboxRefused, PhoneRefused, *rehearsed}


def test_an_endpoint_that_is_gone_is_shown_so_with_its_reason(
    client: TestClient, administrator: Headers, path: str, begin: Begin, database: Database
) -> None:
    made = post(client, path, {"url": URL}, administrator).json()
    tell_gone(begin, made, version=1)
    (shown,) = shown_at(client, path, administrator)
    assert (shown["status"], shown["reason"]) == ("disabled", "gone")
    assert shown["id"] == made["id"]
    with database.read() as session:
        last = told(session)[-1]
        assert isinstance(last, EndpointChanged)
        assert last.status is EndpointStatus.DISABLED
        gone = session.execute(select(AUDIT.c.actor).where(AUDIT.c.action == "endpoint.gone"))
        assert gone.scalars().all() == ["message:notification.endpoint_disabled.v1"]


def test_registering_it_again_goes_on_with_the_next_version(
    client: TestClient, administrator: Headers, path: str, begin: Begin
) -> None:
    made = post(client, path, {"url": URL}, administrator).json()
    tell_gone(begin, made, version=1)
    again = post(client, path, {"url": URL}, administrator).json()
    assert (again["id"], again["secret_version"]) == (made["id"], 2)
    assert (again["status"], again["reason"]) == ("active", None)


def test_what_is_told_of_a_former_version_changes_nothing(
    client: TestClient, administrator: Headers, path: str, begin: Begin
) -> None:
    """The organisation replaced it while the message was on its way."""
    made = post(client, path, {"url": URL}, administrator).json()
    post(client, path, {"url": URL}, administrator)
    tell_gone(begin, made, version=1)
    (shown,) = shown_at(client, path, administrator)
    assert (shown["status"], shown["secret_version"]) == ("active", 2)


def test_what_is_told_of_an_unknown_endpoint_changes_nothing(
    client: TestClient, administrator: Headers, path: str, begin: Begin
) -> None:
    made = post(client, path, {"url": URL}, administrator).json()
    tell_gone(begin, {**made, "id": str(uuid4())}, version=1)
    assert [each["status"] for each in shown_at(client, path, administrator)] == ["active"]


def test_one_that_is_gone_can_still_be_withdrawn_and_then_another_begins(
    client: TestClient, administrator: Headers, path: str, begin: Begin
) -> None:
    """Its secret has leaked as well: nothing is signed with it any more."""
    made = post(client, path, {"url": URL}, administrator).json()
    tell_gone(begin, made, version=1)
    place = f"{V1}{path}/{made['id']}"
    withdrawn = client.delete(place, headers=administrator | key())
    assert (withdrawn.status_code, withdrawn.json()["reason"]) == (200, "withdrawn")
    assert shown_at(client, path, administrator) == []
    refused(client.delete(place, headers=administrator | key()), 404, "endpoint-not-found")
    tell_gone(begin, made, version=1)
    another = post(client, path, {"url": URL}, administrator).json()
    assert another["id"] != made["id"]
    assert another["secret_version"] == 1


def test_one_disabled_before_reasons_were_kept_stays_hidden(
    client: TestClient, administrator: Headers, path: str, begin: Begin
) -> None:
    made = post(client, path, {"url": URL}, administrator).json()
    with begin() as session:
        session.execute(text("UPDATE endpoints SET status = 'disabled'"))
    assert shown_at(client, path, administrator) == []
    refused(
        client.delete(f"{V1}{path}/{made['id']}", headers=administrator | key()),
        404,
        "endpoint-not-found",
    )
    assert post(client, path, {"url": URL}, administrator).json()["id"] != made["id"]
