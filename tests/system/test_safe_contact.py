"""On a running exchange: a person is sent what was asked, in time and once, or nothing at all."""

import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from deploy.local.ports import free_port
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from shared.kit.clock import HAI_PHONG, local_date, utc_now
from shared.kit.identifiers import new_id
from tests.conftest import wait_until
from tests.notification.sms_gateway import FAILS_AFTER, SECRET, SmsGateway

CANARY = "+84987654321"
"""A number that must stand nowhere but in what is sealed."""
INTAKE = "/intake/v1"
WITHIN = 60.0


@pytest.fixture(scope="module")
def phones() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture(scope="module")
def exchange(
    tmp_path_factory: pytest.TempPathFactory, phones: SmsGateway
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("safe")
    secret = folder / "sms_secret"
    secret.write_text(SECRET)
    sms = {
        "NOTIFICATION_SMS_GATEWAY_ADDRESS": phones.address,
        "NOTIFICATION_SMS_SECRET_FILE": str(secret),
    }
    with running(folder, port=free_port(), size=SMALL, extra=OPEN | sms) as started:
        write_sandbox(folder, started)
        yield started


@pytest.fixture(scope="module")
def client_of(exchange: Installation) -> Iterator[Callable[[str], ApiClient]]:
    told = orjson.loads((exchange.folder / "sandbox.json").read_bytes())
    made: dict[str, ApiClient] = {}

    def client(name: str) -> ApiClient:
        if name not in made:
            made[name] = exchange.client(Credentials.read(told["clients"][name]))
        return made[name]

    yield client
    for each in made.values():
        each.close()


class Person:
    """A case, and the hands of whoever owns it."""

    def __init__(self, client_of: Callable[[str], ApiClient]) -> None:
        body = orjson.loads((CODE / "docs" / "examples" / "case.json").read_bytes())
        answer = client_of("agency").post(f"{INTAKE}/cases", body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        self.case_id = answer.json()["id"]
        self.owner = client_of("case_owner")
        self.agency = client_of("agency")

    def does(self, path: str, *, by: ApiClient | None = None, **body: Any) -> dict[str, Any]:
        where = f"{INTAKE}/cases/{self.case_id}/{path}"
        answer = (by or self.owner).post(where, body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def number(self, number: str = CANARY, **rule: Any) -> str:
        today = local_date(utc_now()).isoformat()
        rule = {"ways": ["message"], **rule}
        found: str = self.does("contact-points", number=number, rule=rule, confirmed_on=today)["id"]
        return found

    def asks(self, point_id: str) -> dict[str, Any]:
        return self.does("person-messages", contact_point_id=point_id, says="call_known_number")

    def became(self) -> dict[str, Any]:
        """What became of the only message."""
        read = self.owner.get(f"{INTAKE}/cases/{self.case_id}/contact").json()
        (found,) = read["messages"]
        return dict(found)

    def ends(self, outcome: str) -> dict[str, Any]:
        wait_until(lambda: self.became()["outcome"] == outcome, seconds=WITHIN, what=outcome)
        return self.became()

    def duties(self) -> list[str]:
        read = self.owner.get(f"{INTAKE}/duties").json()["items"]
        return [each["what"] for each in read if each["case_id"] == self.case_id]


@pytest.fixture
def person(client_of: Callable[[str], ApiClient]) -> Person:
    return Person(client_of)


def closing_soon() -> str:
    """Hours of a day that end with this minute, of which there is some left and not much.

    Whoever stands still for a whole minute is started again.
    """
    wait_until(lambda: 25 <= datetime.now(HAI_PHONG).second <= 45, seconds=60)
    now = datetime.now(HAI_PHONG)
    return f"{now - timedelta(hours=1):%H:%M}/{now + timedelta(minutes=1):%H:%M}"


def test_a_person_is_sent_a_neutral_text_once_and_the_number_stands_nowhere(
    exchange: Installation, person: Person, phones: SmsGateway
) -> None:
    person.asks(person.number())
    person.ends("sent")
    (left,) = (each for each in phones.phones if each.to == CANARY)
    assert left.text == "Khi nào tiện, bạn gọi lại số bạn đã biết nhé."
    assert "reach_person" not in person.duties()
    assert exchange.leaks([CANARY, CANARY.removeprefix("+84"), left.text]) == []


def test_what_may_have_left_is_not_sent_again_and_is_the_owners_to_see_to(
    person: Person, phones: SmsGateway
) -> None:
    message = person.asks(person.number(FAILS_AFTER))
    person.ends("unknown")
    assert len([each for each in phones.phones if each.to == FAILS_AFTER]) == 1
    assert "reach_person" in person.duties()
    person.does(f"person-messages/{message['id']}/endings", how="met")
    assert "reach_person" not in person.duties()


@pytest.mark.parametrize("happens", ["withdrawn", "silenced", "closed"])
def test_what_changes_while_a_message_is_queued_keeps_it_back(
    exchange: Installation, person: Person, phones: SmsGateway, happens: str
) -> None:
    """Fault 26, with notification away in between."""
    number = {"withdrawn": "+84987000001", "silenced": "+84987000002", "closed": "+84987000003"}
    rule = {"hours": closing_soon()} if happens == "closed" else {}
    point_id = person.number(number[happens], **rule)
    exchange.supervisor.kill("notification-back", signal.SIGSTOP)
    try:
        message = person.asks(point_id)
        if happens == "withdrawn":
            person.does(f"contact-points/{point_id}/withdrawals", by=person.agency)
        elif happens == "silenced":
            person.does("risk-flags", by=person.agency, reason="phone_watched")
        else:
            closes = datetime.fromisoformat(message["send_before"])
            wait_until(lambda: utc_now() > closes, seconds=180)
            assert "reach_person" in person.duties()
    finally:
        exchange.supervisor.kill("notification-back", signal.SIGCONT)
    became = person.ends("cancelled")
    reasons = {"withdrawn": "ended", "silenced": "risk_flag", "closed": "outside_window"}
    assert became["refusal"] == reasons[happens]
    assert number[happens] not in {each.to for each in phones.phones}
    assert "reach_person" in person.duties()
