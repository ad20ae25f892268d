"""The console and the five services' own applications behind one port, as a browser meets them."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from deploy.stack.front import before
from deploy.stack.keys import CONSOLE_KEY, Keys
from services.console import app
from services.console.assets import are_built
from services.console.settings import ConsoleSettings
from shared.contracts import Queue
from tests.architecture.applications import compose
from tests.console.serving import served


@pytest.fixture(scope="session", autouse=True)
def assets() -> None:
    assert are_built(), "run `make assets`: nothing can be shown without"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ConsoleSettings:
    """Nothing answers there: pages that ask no API are shown all the same."""
    keys = Keys.make(tmp_path_factory.mktemp("keys"))
    return ConsoleSettings(
        apis="http://127.0.0.1:9",
        token_endpoint="https://nhipcau.test/directory/v1/token",
        key_file=keys.path(CONSOLE_KEY),
        address="http://testserver",
    )


@pytest.fixture
def console(settings: ConsoleSettings) -> Iterator[TestClient]:
    with TestClient(app.create(settings), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, settings: ConsoleSettings) -> Iterator[str]:
    """Where all of it answers; nothing is connected to a database."""
    folder = tmp_path_factory.mktemp("console")
    keys = Keys.make(folder / "keys")
    with pytest.MonkeyPatch.context() as environment:
        services = {queue.segment: compose(queue, keys, folder, environment) for queue in Queue}
    with served(before(services, app.create(settings)), is_whole=False) as port:
        yield f"http://127.0.0.1:{port}"
