"""A whole exchange as `make up` runs it; the console runs in the process of the tests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from playwright.sync_api import Browser, expect

from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.keys import CONSOLE_KEY
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from services.console import app
from services.console.assets import are_built
from services.console.settings import ConsoleSettings
from shared.kit.identifiers import new_id
from tests.console.serving import served
from tests.notification.post_office import PostOffice
from tests.notification.receivers import LOOPBACK, Receiver
from tests.pages.answering import MAILED, Office, an_office
from tests.pages.browsing import PC, People
from tests.pages.operating import a_receiver
from tests.pages.referring import Asked, a_school_is_asked, open_classes
from tests.pages.verifying import Opened, opening

CONCLUDED_WITHIN = 60.0
SHOWN_WITHIN = 20_000
"""Milliseconds; other tests keep the machine busy meanwhile."""
expect.set_options(timeout=SHOWN_WITHIN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a phone has shown is shown again at a desk's width by `make thorough`."""
    for each in items:
        told = getattr(each, "callspec", None)
        if told is not None and told.params.get("width") == PC:
            each.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def post_office() -> Iterator[PostOffice]:
    """The mail server that sends mails on for the exchange; it keeps all of them."""
    with PostOffice() as started:
        yield started


@pytest.fixture(scope="session")
def installation(folder: Path, post_office: PostOffice) -> Iterator[Installation]:
    assert are_built(), "run `make assets`: nothing can be shown without"
    mails = {
        "NOTIFICATION_SMTP_HOST": LOOPBACK,
        "NOTIFICATION_SMTP_PORT": str(post_office.port),
        "NOTIFICATION_MAIL_FROM": "thong-bao@nhipcau.example",
        "NOTIFICATION_CONSOLE_ADDRESS": MAILED,
        "NOTIFICATION_DIGEST_LOOK_SECONDS": "1",
        "NOTIFICATION_URGENT_LOOK_SECONDS": "1",
    }
    with running(folder, port=free_port(), size=SMALL, extra=OPEN | mails) as started:
        write_sandbox(folder, started)
        yield started


@pytest.fixture(scope="session")
def sandbox(installation: Installation, folder: Path) -> dict[str, Any]:
    """What a sandbox tells: the clients and the people, each with their secrets."""
    found: dict[str, Any] = orjson.loads((folder / "sandbox.json").read_bytes())
    return found


@pytest.fixture(scope="session")
def console_settings(installation: Installation) -> ConsoleSettings:
    """What the console is told, which answers in the process of the tests."""
    return ConsoleSettings(
        apis=installation.base_url,
        token_endpoint=installation.environment.token_url,
        key_file=installation.environment.keys.path(CONSOLE_KEY),
        address=installation.base_url,
        is_sandbox=True,
    )


@pytest.fixture(scope="session")
def address(console_settings: ConsoleSettings) -> Iterator[str]:
    """Where the console answers."""
    with served(app.create(console_settings)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def known(browser: Browser, address: str, sandbox: dict[str, Any]) -> People:
    return People(browser, address, sandbox["people"])


@pytest.fixture
def people(known: People) -> Iterator[People]:
    """Whoever comes: `people.page("case_owner", width=390)`; no browser may have complained."""
    yield known
    said = list(known.said)
    known.leave()
    assert said == []


@pytest.fixture(scope="session")
def client_of(
    installation: Installation, sandbox: dict[str, Any]
) -> Iterator[Callable[[str], ApiClient]]:
    """The APIs as a client of the sandbox: `client_of("agency")`."""
    made: dict[str, ApiClient] = {}

    def client(name: str) -> ApiClient:
        if name not in made:
            made[name] = installation.client(Credentials.read(sandbox["clients"][name]))
        return made[name]

    yield client
    for each in made.values():
        each.close()


@pytest.fixture(scope="session")
def made(client_of: Callable[[str], ApiClient]) -> Callable[..., Any]:
    """What an administrator adds to the directory: `made("programmes", codes=[...])`."""

    def add(path: str, **body: Any) -> Any:
        answer = client_of("administrator").post(f"/directory/v1/{path}", body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        return answer.json()

    return add


@pytest.fixture(scope="session")
def submit_as(client_of: Callable[[str], ApiClient]) -> Callable[..., dict[str, Any]]:
    """Submit a case as a client of the sandbox, `submit_as("agency", immediate_needs=[])`."""

    def submitted(client: str, **changes: Any) -> dict[str, Any]:
        example = orjson.loads((CODE / "docs/examples/case.json").read_bytes())
        body = {**example, "sender_reference": f"VD/{new_id()}", **changes}
        answer = client_of(client).post("/intake/v1/cases", body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return submitted


@pytest.fixture
def a_case(submit_as: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Submit a case as the agency does, `a_case(immediate_needs=[])`: what was answered."""
    return partial(submit_as, "agency")


@pytest.fixture(scope="session")
def classes(client_of: Callable[[str], ApiClient]) -> None:
    """Two schools that teach in Khmer, so that nobody else is asked for who speaks it alone."""
    open_classes(client_of)


@pytest.fixture
def asked(
    classes: None,
    client_of: Callable[[str], ApiClient],
    a_case: Callable[..., dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
) -> Asked:
    """A case for which the sandbox's school is asked."""
    return a_school_is_asked(client_of, a_case, eventually)


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something is so that services tell each other."""

    def until(condition: Callable[[], bool]) -> None:
        assert wait_until(condition, within=CONCLUDED_WITHIN)

    return until


@pytest.fixture
def office(
    client_of: Callable[[str], ApiClient],
    post_office: PostOffice,
    installation: Installation,
    eventually: Callable[[Callable[[], bool]], None],
) -> Iterator[Office]:
    """The school's office during the test: a mailbox of its own, and a code agreed with it."""
    with an_office(client_of, post_office, installation, eventually) as made:
        yield made


@pytest.fixture
def opened(
    client_of: Callable[[str], ApiClient],
    a_case: Callable[..., dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
) -> Opened:
    """Receive a case that no paper proves, and wait until its verification waits for the police."""
    return opening(a_case, client_of, eventually)


@pytest.fixture
def receiver(installation: Installation) -> Iterator[tuple[Receiver, UUID, str]]:
    """A system of the school that takes webhooks: itself, whose it is, and what they are called."""
    with a_receiver(installation) as started:
        yield started
