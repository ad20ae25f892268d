"""Where offices are written to: one mailbox at a time, since when and until when, told whole."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from shared.contracts import ContactNumberChanged, ContactPointChanged
from shared.contracts.vocabulary import ChannelKind
from shared.kit.database import Database
from tests.directory.builders import told
from tests.directory.calls import V1, Headers, key, match, post, refused

MAILBOX = "van-phong@truong.edu.vn"
NUMBER = "+84912345678"


@pytest.fixture
def path(school: dict[str, Any]) -> str:
    return f"/organisations/{school['id']}/contact-points"


def told_of(database: Database) -> list[ContactPointChanged]:
    with database.read() as session:
        return [each for each in told(session) if isinstance(each, ContactPointChanged)]


def numbers_told(database: Database) -> list[ContactNumberChanged]:
    with database.read() as session:
        return [each for each in told(session) if isinstance(each, ContactNumberChanged)]


def test_a_mailbox_is_used_from_now_on_and_told(
    client: TestClient, administrator: Headers, path: str, database: Database
) -> None:
    made = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    assert (made["channel"], made["mailbox"], made["valid_to"]) == ("email", MAILBOX, None)
    (message,) = told_of(database)
    assert str(message.contact_point_id) == made["id"]
    assert (message.channel, message.mailbox) == (ChannelKind.EMAIL, MAILBOX)
    assert message.valid_to is None


def test_another_mailbox_ends_the_one_before_and_both_are_kept(
    client: TestClient, administrator: Headers, path: str, database: Database
) -> None:
    first = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    second = post(client, path, {"mailbox": "dao-tao@truong.edu.vn"}, administrator).json()
    listed = client.get(V1 + path, headers=administrator).json()["items"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]
    assert [each["valid_to"] is None for each in listed] == [True, False]
    ended = {str(each.contact_point_id) for each in told_of(database) if each.valid_to}
    assert ended == {first["id"]}


def test_the_mailbox_in_use_named_again_goes_on_as_it_is(
    client: TestClient, administrator: Headers, path: str, database: Database
) -> None:
    first = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    assert post(client, path, {"mailbox": MAILBOX}, administrator).json() == first
    assert client.get(V1 + path, headers=administrator).json()["items"] == [first]
    assert len(told_of(database)) == 1


def test_a_mailbox_that_ended_cannot_end_again(
    client: TestClient, administrator: Headers, path: str
) -> None:
    made = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    place = f"{V1}{path}/{made['id']}"
    assert client.delete(place, headers=administrator | key()).json()["valid_to"] is not None
    again = client.delete(place, headers=administrator | key())
    refused(again, 404, "contact-point-not-found")
    unknown = client.delete(f"{V1}{path}/{uuid4()}", headers=administrator | key())
    refused(unknown, 404, "contact-point-not-found")


@pytest.mark.parametrize(
    "mailbox",
    [
        "van phong@truong.edu.vn",
        "van-phong@localhost",
        "van-phong@127.0.0.1",
        "van-phong@truong.internal",
        "Văn-phòng@truong.edu.vn",
        "a..b@truong.edu.vn",
        ".a@truong.edu.vn",
        '"a"@truong.edu.vn',
        "a@b@truong.edu.vn",
        "van-phong",
        f"{'a' * 65}@truong.edu.vn",
        "Office <van-phong@truong.edu.vn>",
        "van-phong@truong.edu.vn,other@truong.edu.vn",
    ],
)
def test_what_is_no_plain_address_at_a_public_domain_is_refused(
    client: TestClient, administrator: Headers, path: str, mailbox: str
) -> None:
    answer = client.post(V1 + path, json={"mailbox": mailbox}, headers=administrator | key())
    refused(answer, 422, "mailbox-refused")


def test_a_line_that_ends_a_header_is_refused(
    client: TestClient, administrator: Headers, path: str
) -> None:
    body = {"mailbox": "van-phong@truong.edu.vn\r\nBcc: other@truong.edu.vn"}
    answer = client.post(V1 + path, json=body, headers=administrator | key())
    assert answer.status_code == 422


def test_no_mailbox_is_taken_of_an_organisation_that_takes_no_part(
    client: TestClient, administrator: Headers, school: dict[str, Any], path: str
) -> None:
    names = {"name_vi": "Trường nghề", "name_en": "A school", "roles": school["roles"]}
    place = f"{V1}/organisations/{school['id']}"
    body = names | {"is_active": False}
    ended = client.put(place, json=body, headers=administrator | key() | match(school["version"]))
    assert ended.status_code == 200, ended.text
    answer = client.post(V1 + path, json={"mailbox": MAILBOX}, headers=administrator | key())
    refused(answer, 409, "organisation-inactive")


def test_a_number_is_used_beside_a_mailbox_and_told_by_a_message_of_its_own(
    client: TestClient, administrator: Headers, path: str, database: Database
) -> None:
    mailbox = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    made = post(client, path, {"number": NUMBER}, administrator).json()
    assert (made["channel"], made["number"], made["mailbox"]) == ("sms", NUMBER, None)
    (message,) = numbers_told(database)
    assert (str(message.contact_point_id), message.number) == (made["id"], NUMBER)
    listed = client.get(V1 + path, headers=administrator).json()["items"]
    assert {each["id"] for each in listed if each["valid_to"] is None} == {
        made["id"],
        mailbox["id"],
    }


def test_another_number_ends_the_one_before(
    client: TestClient, administrator: Headers, path: str, database: Database
) -> None:
    first = post(client, path, {"number": NUMBER}, administrator).json()
    post(client, path, {"number": "+84982345678"}, administrator)
    ended = [str(each.contact_point_id) for each in numbers_told(database) if each.valid_to]
    assert ended == [first["id"]]


@pytest.mark.parametrize(
    "number",
    [
        "0912345678",
        "84912345678",
        "+8491234567",
        "+849123456789",
        "+84 912345678",
        "+842253842124",
        # A landline of Hải Phòng from before 2017, which reads as a mobile number today.
        "+84313842124",
        "+841212345678",
        "+84512345678",
        "+12025550123",
        "+849123٤5678",
    ],
)
def test_what_is_no_mobile_number_of_viet_nam_is_refused(
    client: TestClient, administrator: Headers, path: str, number: str
) -> None:
    answer = client.post(V1 + path, json={"number": number}, headers=administrator | key())
    refused(answer, 422, "number-refused")


@pytest.mark.parametrize("body", [{}, {"mailbox": MAILBOX, "number": NUMBER}])
def test_a_contact_point_is_one_of_both(
    client: TestClient, administrator: Headers, path: str, body: dict[str, str]
) -> None:
    answer = client.post(V1 + path, json=body, headers=administrator | key())
    refused(answer, 422, "contact-point-unclear")
