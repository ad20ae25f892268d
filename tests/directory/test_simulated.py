"""Test organisations of a sandbox, and the simulated recipients that are theirs alone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from services.directory import domain
from services.directory.errors import RecipientGone
from services.directory.policy import StaffVault, check_endpoint, check_mailbox, check_number
from shared.contracts import ContactNumberChanged, ContactPointChanged, EndpointChanged
from shared.contracts.simulator import SIMULATED, is_simulated, simulated_outcome
from shared.contracts.vocabulary import ChannelKind, MailingKind
from shared.kit.clock import utc_now
from shared.kit.database import Database
from shared.kit.errors import Invalid
from tests.directory.builders import told
from tests.directory.calls import V1, Headers, key, match, post, refused

Open = Callable[..., dict[str, Any]]
WHERE = {
    ChannelKind.WEBHOOK: ("endpoints", "url"),
    ChannelKind.EMAIL: ("contact-points", "mailbox"),
    ChannelKind.SMS: ("contact-points", "number"),
}
CHECKS = {
    ChannelKind.WEBHOOK: lambda it: check_endpoint(it, allow_loopback=False),
    ChannelKind.EMAIL: check_mailbox,
    ChannelKind.SMS: check_number,
}
REAL = {
    ChannelKind.WEBHOOK: "https://truong.edu.vn/tin",
    ChannelKind.EMAIL: "van-phong@truong.edu.vn",
    ChannelKind.SMS: "+84912345678",
}
TOLD = (EndpointChanged, ContactPointChanged, ContactNumberChanged)
KNOWN = [(kind, each) for kind in ChannelKind for each in SIMULATED[kind]]


def address_of(channel: ChannelKind, known: str) -> str:
    return f"https://{known}/tin?a=1" if channel is ChannelKind.WEBHOOK else known


@pytest.fixture
def opened(client: TestClient, administrator: Headers, school: dict[str, Any]) -> Open:
    """Have an administrator open an organisation like the school."""

    def make(**facts: Any) -> dict[str, Any]:
        body = {
            "name_vi": "Trường thử",
            "name_en": "A test school",
            "code": "truong-thu",
            "kind": school["kind"],
            **facts,
        }
        made: dict[str, Any] = post(client, "/organisations", body, administrator).json()
        return made

    return make


def said(database: Database) -> list[EndpointChanged | ContactPointChanged | ContactNumberChanged]:
    with database.read() as session:
        return [each for each in told(session) if isinstance(each, TOLD)]


def test_whether_an_organisation_is_a_test_is_said_once_and_stays(
    client: TestClient, administrator: Headers, opened: Open, school: dict[str, Any]
) -> None:
    made = opened(is_test=True)
    assert (made["is_test"], school["is_test"]) == (True, False)
    body = {"name_vi": "Trường khác", "name_en": "Another", "roles": []}
    place = f"{V1}/organisations/{made['id']}"
    changed = client.put(place, json=body, headers=administrator | key() | match(made["version"]))
    assert changed.json()["is_test"] is True
    live = {**body, "is_test": False}
    answer = client.put(place, json=live, headers=administrator | key() | match(2))
    assert answer.status_code == 422


def test_outside_of_a_sandbox_no_test_organisation_is_opened(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    client.app.state.is_sandbox = False  # type: ignore[attr-defined]
    facts = {"name_vi": "Thử", "name_en": "Test", "code": "thu", "kind": school["kind"]}
    answer = client.post(
        f"{V1}/organisations", json={**facts, "is_test": True}, headers=administrator | key()
    )
    refused(answer, 422, "no-sandbox")
    live = client.post(f"{V1}/organisations", json=facts, headers=administrator | key())
    assert live.status_code == 201


@pytest.mark.parametrize("channel", ChannelKind)
def test_every_address_of_a_test_organisation_is_told_as_one_to_which_nothing_leaves(
    *,
    client: TestClient,
    administrator: Headers,
    opened: Open,
    school: dict[str, Any],
    database: Database,
    channel: ChannelKind,
) -> None:
    path, field = WHERE[channel]
    known = next(iter(SIMULATED[channel]))
    for number, address in enumerate((address_of(channel, known), REAL[channel])):
        test = opened(code=f"thu-{number}", is_test=True)
        place = f"/organisations/{test['id']}/{path}"
        assert post(client, place, {field: address}, administrator).json()[field] == address
        assert [each.is_test for each in said(database)][-1] is True
    post(client, f"/organisations/{school['id']}/{path}", {field: REAL[channel]}, administrator)
    assert [each.is_test for each in said(database)][-1] is False


@pytest.mark.parametrize(("channel", "known"), KNOWN)
def test_a_simulated_recipient_is_refused_to_a_live_organisation(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    channel: ChannelKind,
    known: str,
) -> None:
    path, field = WHERE[channel]
    answer = client.post(
        f"{V1}/organisations/{school['id']}/{path}",
        json={field: address_of(channel, known)},
        headers=administrator | key(),
    )
    refused(answer, 422, "simulated-recipient-refused")


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (ChannelKind.WEBHOOK, "https://delivred.simulator.invalid/tin"),
        (ChannelKind.WEBHOOK, "https://simulator.invalid/tin"),
        (ChannelKind.EMAIL, "delivred@simulator.invalid"),
        (ChannelKind.EMAIL, "delivered@a.simulator.invalid"),
        (ChannelKind.SMS, "+84000000009"),
        (ChannelKind.SMS, "+8400000000100"),
    ],
)
def test_one_that_gives_no_outcome_is_refused_to_a_test_organisation_too(
    client: TestClient, administrator: Headers, opened: Open, channel: ChannelKind, address: str
) -> None:
    path, field = WHERE[channel]
    place = f"{V1}/organisations/{opened(is_test=True)['id']}/{path}"
    answer = client.post(place, json={field: address}, headers=administrator | key())
    refused(answer, 422, "simulated-recipient-refused")


def test_the_office_of_a_test_organisation_is_not_written_to_about_itself_either(
    *,
    client: TestClient,
    administrator: Headers,
    opened: Open,
    school: dict[str, Any],
    database: Database,
    vault: StaffVault,
) -> None:
    test = opened(is_test=True)
    for each in (test, school):
        place = f"/organisations/{each['id']}"
        mailbox = {"mailbox": REAL[ChannelKind.EMAIL]}
        post(client, f"{place}/contact-points", mailbox, administrator)
        wanted = client.post(
            f"{V1}{place}/weekly-page", json={"is_wanted": True}, headers=administrator | key()
        )
        assert wanted.status_code == 200, wanted.text
    now = utc_now()
    with database.read() as session:
        found = domain.find_mailings(session, after=None, size=10, now=now)
        assert [str(each.id) for each in found] == [school["id"]]
        with pytest.raises(RecipientGone):
            domain.find_recipient(
                session,
                kind=MailingKind.ORGANISATION,
                recipient_id=UUID(test["id"]),
                by=ChannelKind.EMAIL,
                vault=vault,
                now=now,
            )


@pytest.mark.parametrize(("channel", "known"), KNOWN)
def test_none_of_them_can_be_the_address_of_anybody(channel: ChannelKind, known: str) -> None:
    address = address_of(channel, known)
    assert is_simulated(channel, address)
    with pytest.raises(Invalid):
        CHECKS[channel](address)


@pytest.mark.parametrize("channel", ChannelKind)
def test_an_address_of_somebody_is_not_simulated(channel: ChannelKind) -> None:
    assert not is_simulated(channel, REAL[channel])
    assert simulated_outcome(channel, REAL[channel]) is None
    for near in ("https://simulator.invalid.vn/", "https://[", "a@simulator.invalid.vn", "+84"):
        assert not is_simulated(channel, near)
