"""Real servers for every test: one PostgreSQL and one Redis out of wheels, started once per run.

Each xdist worker gets a database of its own per service, built by Alembic, never by create_all.
"""

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from deploy.local import place
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from deploy.local.scratch import Scratch
from shared.contracts import Queue
from shared.kit import migrations
from shared.kit.auth import ALGORITHM, TOKEN_TYPE, TokenVerifier
from shared.kit.database import Begin, Database, make_engine, run_hooks
from shared.kit.http import Edge, create_api
from shared.texts import of_service
from tests import browsers
from tests.transactions import WITHOUT_END

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ISSUER = "https://nhipcau.test"
AUDIENCE = "nhipcau"
SERVERS = "NHIPCAU_TEST_SERVERS"
LEFT = pytest.StashKey[Scratch]()
KEPT = Path(__file__).parents[1] / ".data-tests"
"""What failed tests have left, until others fail."""
ANY = "any-database"
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # only ever a folder made by mkdtemp in it
ROOM = 8 << 30
"""Bytes that must be free there, and in the machine, for all that the tests store at once."""
NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""

# How long an example takes says something of the machine, whose cores the whole suite shares; and
# the first text drawn in a fresh checkout waits for a table of all letters.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that also starts the xdist workers.

    Whatever any of these processes leaves lies in folders that are deleted when this one ends.
    """
    if SERVERS not in os.environ and not config.getoption("collectonly"):
        _gather_what_is_left(config)
        _start_servers(config)
    place.ELSEWHERE = Path(tempfile.gettempdir())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole demonstration begins at once: last of all, one process would work and others wait."""
    items.sort(key=lambda each: each.get_closest_marker("demo") is None)


def _gather_what_is_left(config: pytest.Config) -> None:
    """From now on every temporary folder is made in one, which is deleted at the end.

    Where there is room it is kept in memory: servers do all that they do on a disk, and nobody
    waits for it. Whoever names a folder by TMPDIR gets it.
    """
    before = os.environ.get("TMPDIR")
    if before is None and _has_room():
        tempfile.tempdir = os.fspath(IN_MEMORY)
    made = Scratch()
    os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(made.folder)

    def clear_up() -> None:
        tempfile.tempdir = before
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        made.close()

    config.stash[LEFT] = made
    config.add_cleanup(clear_up)


def _has_room() -> bool:
    """Whether memory serves as a folder here, and there is plenty of both."""
    if not IN_MEMORY.is_dir() or shutil.disk_usage(IN_MEMORY).free < ROOM:
        return False
    if os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
    return int(told["MemAvailable"].removesuffix("kB")) << 10 > ROOM


def _start_servers(config: pytest.Config) -> None:
    made = Scratch()
    config.add_cleanup(made.close)
    folder = made.folder
    postgres = Postgres.start(folder)
    redis = Redis.start(folder)
    os.environ[SERVERS] = orjson.dumps(
        {"postgres": postgres.url(ANY, "postgres"), "redis": redis.url(), "folder": str(folder)},
    ).decode()
    config.add_cleanup(redis.stop)
    config.add_cleanup(postgres.stop)
    config.add_cleanup(partial(os.environ.__delitem__, SERVERS))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep what failed tests have left in the checkout, in place of what earlier ones had."""
    left = session.config.stash.get(LEFT, None)
    if left is None or exitstatus != pytest.ExitCode.TESTS_FAILED:
        return
    of_the_run = Path(orjson.loads(os.environ[SERVERS])["folder"]).name
    found = {it.name for it in left.folder.iterdir()} - {of_the_run}
    if found:
        shutil.rmtree(KEPT, ignore_errors=True)
        # Servers may still run there: a file that vanishes meanwhile is missed by nobody.
        with suppress(shutil.Error):
            shutil.copytree(left.folder, KEPT, symlinks=True, ignore=partial(_unwanted, of_the_run))
        print(f"\nWhat the tests left is kept in {KEPT}", file=sys.stderr)


def _unwanted(of_the_run: str, folder: str, names: list[str]) -> list[str]:
    """The servers of the whole run, and sockets, from which nothing can be read."""
    return [name for name in names if name == of_the_run or Path(folder, name).is_socket()]


@pytest.fixture(scope="session")
def servers() -> Mapping[str, str]:
    """Addresses: ``postgres`` with ``ANY`` for the database's name, ``redis``, ``folder``."""
    found: Mapping[str, str] = orjson.loads(os.environ[SERVERS])
    return found


@pytest.fixture(scope="session")
def new_database(servers: Mapping[str, str]) -> Iterator[Callable[[str], str]]:
    """Make a migrated database for a service and return its address."""
    made: list[str] = []
    admin = servers["postgres"].replace(ANY, "postgres").replace("postgresql+psycopg", "postgresql")

    def make(service: str) -> str:
        name = f"{service}_{secrets.token_hex(4)}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        made.append(name)
        url = servers["postgres"].replace(ANY, name)
        migrations.upgrade(service, url)
        return url

    yield make
    with psycopg.connect(admin, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def service() -> Queue:
    """The service under test; each folder's conftest says which."""
    return pytest.fail("the folder's conftest must say which service it tests")


@pytest.fixture(scope="session")
def engine_of(new_database: Callable[[str], str]) -> Iterator[Callable[[str], Engine]]:
    """This worker's own database of each service, made when first asked for."""
    made: dict[str, Engine] = {}

    def engine(service: str) -> Engine:
        if service not in made:
            made[service] = make_engine(new_database(service), pool_size=10)
        return made[service]

    yield engine
    for each in made.values():
        each.dispose()


@pytest.fixture
def engine(service: Queue, engine_of: Callable[[str], Engine]) -> Engine:
    """An engine on the database of the service under test."""
    return engine_of(service)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose every effect is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        connection.execute(WITHOUT_END)
        with Session(
            connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        ) as inside:
            yield inside
        outer.rollback()


@pytest.fixture
def settle(session: Session) -> Callable[[], None]:
    """Write what the session has gathered (audit, outbox), as the kit does before a commit."""

    def write() -> None:
        session.flush()
        run_hooks(session)

    return write


@pytest.fixture
def database(engine: Engine) -> Iterator[Database]:
    """Real commits, for the edges and for concurrency; every table is emptied afterwards."""
    yield Database(engine)
    emptied(engine)


def emptied(engine: Engine) -> None:
    """Empty every table but what migrations have put there.

    TRUNCATE would make each table's files anew: for a few rows it takes ten times as long. No
    trigger and no foreign key minds: whoever refuses a change of records refuses it to others.
    """
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(EMPTYING))


EMPTYING = """
DO $$
DECLARE
    found text;
BEGIN
    FOR found IN
        SELECT quote_ident(tablename) FROM pg_tables
         WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'seeds')
    LOOP
        EXECUTE 'DELETE FROM ' || found;
    END LOOP;
END $$
"""


@pytest.fixture
def begin(database: Database) -> Begin:
    """Opens committing transactions."""
    return database.begin


@pytest.fixture(scope="session")
def token_key() -> OKPKey:
    """The key the test's token endpoint signs with."""
    return OKPKey.generate_key("Ed25519", parameters={"kid": "test", "alg": ALGORITHM})


@pytest.fixture(scope="session")
def verifier(token_key: OKPKey, tmp_path_factory: pytest.TempPathFactory) -> TokenVerifier:
    """Accepts what ``token_key`` signed."""
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(orjson.dumps({"keys": [token_key.as_dict(private=False)]}))
    return TokenVerifier(path, issuer=ISSUER, audience=AUDIENCE)


TokenFor = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def token_for(token_key: OKPKey) -> TokenFor:
    """Headers of a caller: ``token_for("receiver", organisation_id=..., kind=..., areas=...)``.

    With ``staff_id`` the caller is a person, with ``bound_to`` an office, else a system. An
    ``audience`` is added to ours.
    """

    def make(
        *roles: str,
        organisation_id: UUID | None = None,
        kind: str = "commune_committee",
        areas: Sequence[str] = ("31",),
        client_id: str = "test-client",
        staff_id: UUID | None = None,
        bound_to: UUID | None = None,
        audience: str = "",
    ) -> dict[str, str]:
        now = int(time.time())
        who = ("client", client_id, "pop") if staff_id is None else ("staff", str(staff_id), "pwd")
        if bound_to is not None:
            who = ("office", str(organisation_id), "code")
        kind_of_subject, subject, means = who
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE + audience,
            "sub": subject,
            "client_id": client_id,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid4()),
            "organisation_id": str(organisation_id or uuid4()),
            "organisation_kind": kind,
            "grants": [[role, area] for role in roles for area in areas],
            "subject_kind": kind_of_subject,
            "amr": [means],
            "auth_time": now,
            **({} if bound_to is None else {"bound_to": str(bound_to)}),
        }
        header = {"alg": ALGORITHM, "kid": "test", "typ": TOKEN_TYPE}
        token = jwt.encode(header, claims, token_key, algorithms=[ALGORITHM])
        return {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    """The routes under test; each service's conftest says which."""
    return ()


@pytest.fixture
def resources(begin: Begin) -> Mapping[str, Any]:
    """What the service's routes read from the application's state."""
    return {}


@pytest.fixture
def client(
    service: Queue,
    database: Database,
    verifier: TokenVerifier,
    routers: Sequence[APIRouter],
    resources: Mapping[str, Any],
) -> Iterator[TestClient]:
    """The service's own application over real commits; the clock stands at ``NOON``."""
    edge = Edge(
        service=service,
        title=service,
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: NOON,
        texts=of_service(service),
    )
    with TestClient(create_api(edge, routers, **resources), raise_server_exceptions=False) as made:
        yield made


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0, what: str = "") -> None:
    """Poll a condition until it holds; fail with its name when the deadline passes."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A real Chromium: Debian's, or the one that CHROMIUM names; a process holds one only."""
    program = browsers.program()
    if program is None:
        pytest.skip(
            "NO BROWSER HERE: `make browser` installs Debian's chromium, CHROMIUM= names one"
        )
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - few tests need it

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=flags)
        yield started
        started.close()
