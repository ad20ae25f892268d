"""The whole exchange under attack: its processes, its servers behind proxies, its partners.

An agency posts cases over HTTP without a pause, partners' systems answer, and something breaks.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import redis

from deploy.demo import cast
from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.redis import Redis
from deploy.stack import bootstrap
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Detour, Installation, running
from deploy.stack.invariants import breaches
from shared.contracts import Queue
from tests.faults import pace
from tests.faults.proxy import Proxy, Weather

CASE = orjson.loads((CODE / "docs/examples/case.json").read_bytes())
CASES = "/intake/v1/cases"
AGENCY = "ubnd-xa-kien-thuy"
MOVES_WITHIN = 150.0
"""Seconds in which something must move until all is done. A retry that was killed comes again
after one minute."""
SETTLED_WITHIN = 900.0
"""Seconds in which all must be done, however much still moves."""


@dataclass(frozen=True)
class Answer:
    """A case that was answered with 201, and how long the agency waited for it."""

    key: str
    case_id: str
    seconds: float


@dataclass
class Exchange:
    """A running installation, what stands before its servers, and what its agency was told."""

    site: Installation
    to_postgres: Proxy
    to_redis: Proxy
    agency: Credentials
    partners: Path
    patience: float = 60.0
    """Seconds for which the agency asks again until it is answered."""
    answers: list[Answer] = field(default_factory=list)

    def client(self, base_url: str | None = None) -> ApiClient:
        """Call the APIs as the agency, by this front or by the usual one."""
        token_url = self.site.environment.token_url
        return ApiClient(
            base_url or self.site.base_url,
            self.agency,
            token_url=token_url,
            patience=self.patience,
        )

    def post(self, client: ApiClient, key: str) -> Answer:
        """Post a case until it is answered; an answer other than 201 is a failure."""
        began = time.monotonic()
        answer = client.post(CASES, CASE, key=key)
        assert answer.status_code == 201, answer.text
        told = Answer(key, answer.json()["id"], time.monotonic() - began)
        self.answers.append(told)
        return told

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a service's database, straight from the server."""
        with psycopg.connect(self.site.database(service)) as connection:
            return connection.execute(statement).fetchall()

    def broker(self) -> "redis.Redis":
        """Straight to the broker, past the proxy."""
        return self.site.broker()

    # --- traffic ------------------------------------------------------------------------------

    @contextmanager
    def stream(self, *, pause: float = 0.1) -> Iterator["Stream"]:
        """The agency posts case after case within the block, and all are answered after it."""
        stream = Stream(self, pause)
        stream.start()
        try:
            yield stream
        finally:
            stream.end()

    @contextmanager
    def weather(self, weather: Weather) -> Iterator[None]:
        """The network to the broker does this within the block, and is well after it."""
        self.to_redis.weather = weather
        try:
            yield
        finally:
            self.to_redis.weather = Weather.PASS

    # --- what holds in the end ----------------------------------------------------------------

    def settle(self) -> None:
        """I7: everything has an end, and nothing that is on its way stands still until then."""
        deadline = time.monotonic() + SETTLED_WITHIN * pace.PATIENCE
        while not self._is_settled():
            moves = wait_until(
                partial(self._has_moved, self._moved()),
                within=MOVES_WITHIN * pace.PATIENCE,
                every=0.3,
            )
            assert moves, f"it stands still: {self._state()}"
            assert time.monotonic() < deadline, f"it has no end: {self._state()}"

    def _state(self) -> object:
        return self.site.balance(), self.site.deliveries()

    def _has_moved(self, before: object) -> bool:
        return self._is_settled() or self._moved() not in {None, before}

    def _moved(self) -> tuple[int, ...] | None:
        """What only grows, with every step that is one; what is tried again takes none."""
        try:
            found = self.site.balance()
            delivered = self.site.deliveries().get("delivered", 0)
        except psycopg.OperationalError:
            return None
        return found.told, found.closed, found.taken, found.handled, delivered

    def _is_settled(self) -> bool:
        try:
            return (
                self.site.balance().is_settled
                and set(self.site.deliveries()) <= {"delivered", "cancelled"}
                and self._is_told()
                and self.rows(Queue.LIVELIHOOD_SUPPORT, _OPEN) == [(0,)]
            )
        except psycopg.OperationalError:
            # The server is just coming back.
            return False

    def _is_told(self) -> bool:
        """Whether partners have acted on what was delivered, and on nothing that was not told.

        A sender that was killed leaves open whether a request arrived. Where the partner has
        answered it meanwhile it is cancelled, and either may be.
        """
        told, delivered = self._ids(_TOLD), self._ids(_DELIVERED)
        return delivered <= self._ledger(_DONE) <= told

    def assert_sound(self) -> None:
        """I1 to I5 and I8 by SQL, and I8 as the agency saw it."""
        balance = self.site.balance()
        assert balance.is_sound, balance
        assert balance.parked == 0
        assert breaches(self.site.database) == []
        kept = {str(row[0]) for row in self.rows(Queue.INTAKE, "SELECT id FROM cases")}
        assert {it.case_id for it in self.answers} == kept
        assert len({it.key for it in self.answers}) == len(kept)
        assert self._ledger(_TWICE) == set(), "I2: one effect under two webhooks"

    def _ledger(self, statement: str) -> set[str]:
        """What the partners have written down."""
        with closing(sqlite3.connect(self.partners)) as connection:
            return {row[0] for row in connection.execute(statement)}

    def _ids(self, statement: str) -> set[str]:
        return {str(row[0]) for row in self.rows(Queue.NOTIFICATION, statement)}


_DONE = "SELECT webhook_id FROM webhooks WHERE is_done"
_TWICE = "SELECT effect FROM webhooks GROUP BY partner, effect HAVING count(*) > 1"
_TOLD = "SELECT id FROM deliveries"
_DELIVERED = f"{_TOLD} WHERE state = 'delivered'"
_OPEN = """
    SELECT count(*) FROM referrals
     WHERE status NOT IN ('completed', 'failed', 'cancelled', 'entered_in_error', 'unplaced')
"""


class Stream:
    """One thread that posts cases one after another, each until it is answered."""

    def __init__(self, exchange: Exchange, pause: float) -> None:
        self.answers: list[Answer] = []
        self._exchange = exchange
        self._pause = pause
        self._fault: BaseException | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agency", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self.goes_on()

    def end(self) -> None:
        """Stop posting; raises what went wrong."""
        self._over.set()
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def goes_on(self, more: int = 3) -> None:
        """Wait until so many more cases were answered."""
        enough = len(self.answers) + more
        assert wait_until(
            lambda: len(self.answers) >= enough or self._fault is not None,
            within=90 * pace.PATIENCE,
        ), "the agency gets no answers"

    def _run(self) -> None:
        client = self._exchange.client()
        try:
            while not self._over.wait(self._pause):
                self.answers.append(self._exchange.post(client, str(uuid4())))
        except BaseException as fault:  # noqa: BLE001 - raised again where the stream ends
            self._fault = fault
        finally:
            client.close()


def _at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@contextmanager
def running_exchange(folder: Path, *, before: Callable[[int], str] = _at) -> Iterator[Exchange]:
    """Everything of the demonstration but its story, behind proxies.

    ``before`` says where the partners are called, whose systems listen at a port.
    """
    proxies: list[Proxy] = []

    def wiring(postgres: Postgres, broker: Redis) -> Detour:
        assert broker.port is not None
        proxies.extend((Proxy(postgres.port), Proxy(broker.port)))
        return Detour(proxies[0].port, proxies[1].port)

    with running(folder, port=free_port(), extra=pace.EXCHANGE, wiring=wiring) as site:
        try:
            yield _with_partners(site, *proxies, before=before)
        finally:
            for proxy in proxies:
                proxy.weather = Weather.PASS
    for proxy in proxies:
        proxy.close()


def _with_partners(
    site: Installation, to_postgres: Proxy, to_redis: Proxy, *, before: Callable[[int], str]
) -> Exchange:
    """Register an agency and all partners, and start the partners' systems."""
    port = free_port()
    sandbox = site.sandbox()
    everybody, partners = cast.assemble(
        sandbox,
        base_url=site.base_url,
        agencies={AGENCY},
        listen_on=before(port),
    )
    sandbox.administrator.close()
    file = site.folder / "simulator.json"
    cast.configure(
        file,
        base_url=site.base_url,
        port=port,
        partners=partners,
        console=bootstrap.console_credentials(site.environment.keys.folder),
    )
    simulator = Program(
        name="partners",
        argv=[sys.executable, "-m", "deploy.demo.simulator", str(file)],
        env={"PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"},
        cwd=CODE,
        port=port,
    )
    site.start([simulator])
    agency = Credentials.read(everybody.stored[AGENCY])
    return Exchange(site, to_postgres, to_redis, agency, file.with_name("partners.sqlite"))
