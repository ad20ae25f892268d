"""What the console makes of an API that cannot answer."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.local.ports import free_port
from deploy.stack.keys import CONSOLE_KEY, Keys
from deploy.stack.programs import SERVING
from services.console.clients import KEPT, Access, Exchange, Problem, ServiceDown
from services.directory.errors import ProviderDown
from shared.contracts import Queue
from shared.kit import problems
from shared.kit.database import make_engine
from shared.kit.http.waiting import AnswerLate
from shared.texts import TextLanguage
from tests.console.serving import served

KEEP_ALIVE = "--timeout-keep-alive"
KEPT_BY_THE_FRONT = 120.0
"""Seconds for which Caddy keeps a connection without work, as nothing else is said to it."""


async def _note(*_: object) -> None:
    """Refusals are nobody's business here."""


def _application() -> FastAPI:
    app = FastAPI()
    problems.install(app, _note)
    nowhere = make_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none", pool_size=1)

    @app.get("/intake/v1/cases")
    def _without_a_database() -> None:
        nowhere.connect()

    @app.get("/intake/v1/late")
    def _late() -> None:
        raise AnswerLate

    @app.get("/intake/v1/provider")
    def _provider() -> None:
        raise ProviderDown

    return app


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    key = Keys.make(tmp_path_factory.mktemp("keys")).path(CONSOLE_KEY).read_bytes()
    with served(_application()) as port:
        at = f"http://127.0.0.1:{port}"
        yield Access.of(api_url=at, token_url=at, client_id="console", jwk=key)


def ask(access: Access, path: str) -> None:
    async def asked() -> None:
        exchange = Exchange(access)
        try:
            await exchange.ask(
                "a-token", "GET", Queue.INTAKE, path, language=TextLanguage.VIETNAMESE
            )
        finally:
            await exchange.close()

    # In a thread of its own: whoever drives a browser in this process has a loop in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(asked())).result()


@pytest.mark.parametrize("path", ["/cases", "/late"])
def test_a_service_that_says_it_cannot_answer_now_is_as_good_as_silent(
    access: Access, path: str
) -> None:
    """Else the page would end with it, and what renews itself would stop for ever."""
    with pytest.raises(ServiceDown):
        ask(access, path)


def test_that_somebody_else_does_not_answer_a_service_is_told_as_it_is_said(
    access: Access,
) -> None:
    with pytest.raises(Problem) as refused:
        ask(access, "/provider")
    assert refused.value.code == "provider-down"


def test_the_console_lets_go_of_a_connection_before_the_api_does() -> None:
    """Else a request is now and then sent on a connection that is just being closed, and lost."""
    served_in_containers = Path("deploy/compose/serve.sh").read_text()
    kept = float(SERVING[SERVING.index(KEEP_ALIVE) + 1])
    assert f"{KEEP_ALIVE} {kept:.0f} " in served_in_containers
    assert KEPT < KEPT_BY_THE_FRONT < kept
