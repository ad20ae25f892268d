"""Partners misbehave in every way while cases come (faults 14 to 17), and nothing is lost or twice.

What is sent meanwhile is sent until it is acknowledged, under one id; what cannot be trusted (a
certificate, a redirect, an address of ours) is not followed, and waits for its owner.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from deploy.demo import cast
from deploy.local.patience import wait_until
from deploy.local.place import erase
from shared.contracts import Queue
from shared.kit.identifiers import new_id
from tests.faults import pace
from tests.faults.exchange import AGENCY, Exchange, running_exchange
from tests.faults.moody import Front, Mood
from tests.notification.receivers import LOOPBACK, Authority, Rude

pytestmark = pytest.mark.long

OUTCOMES = "SELECT DISTINCT outcome FROM attempts WHERE outcome IS NOT NULL"
MANY = 30
"""Cases; enough that every partner is told more often than it misbehaves."""
BOUNDED = {"failed", "throttled", "unknown", "tls_failed", "redirected", "delivered"}
"""How tries have to end, each at least once: by an answer, by none, and by what is not followed."""


@pytest.fixture
def fronts() -> list[Front]:
    return []


@pytest.fixture
def exchange(fronts: list[Front]) -> Iterator[Exchange]:
    folder = Path(mkdtemp(prefix="nhipcau-moody-"))
    with ExitStack() as opened:

        def before(port: int) -> str:
            fronts.append(opened.enter_context(Front(port, moods_each=4).listening()))
            return fronts[0].url

        with running_exchange(folder, before=before) as made:
            yield made
    erase(folder)


def test_partners_that_misbehave_in_every_way_lose_and_repeat_nothing(
    exchange: Exchange, fronts: list[Front], tmp_path: Path
) -> None:
    (front,) = fronts
    untrusted = Authority.make(tmp_path).server(LOOPBACK)
    with (
        Rude(lambda *_: None) as trap,
        Rude(lambda *_: None, context=untrusted) as impostor,
    ):
        call_instead(exchange, cast.CASE_OWNER, f"https://{LOOPBACK}:{impostor.port}/")
        front.elsewhere[AGENCY] = trap.url
        with exchange.stream() as stream:
            stream.goes_on(MANY)
            wait_for(exchange, {"tls_failed", "redirected"})
        assert trap.connections == 0, "a redirect was followed"
        front.elsewhere.clear()
        for code in (cast.CASE_OWNER, AGENCY):
            register(exchange, code, f"{front.url}/{code}")
        exchange.settle()
    exchange.assert_sound()
    assert set(front.happened) == set(Mood), "each of them has happened"
    assert ends(exchange) >= BOUNDED


def test_an_address_inside_is_refused_when_it_is_registered(exchange: Exchange) -> None:
    sandbox = exchange.site.sandbox()
    try:
        school = sandbox.organisations()[cast.BROKEN_SCHOOL]
        path = f"/directory/v1/organisations/{school['id']}/endpoints"
        for url in ("https://10.0.0.1/hooks", "https://169.254.169.254/", "https://[fd00::1]/"):
            refused = sandbox.administrator.post(path, {"url": url}, key=str(new_id()))
            assert refused.status_code == 422, url
    finally:
        sandbox.administrator.close()


def register(exchange: Exchange, code: str, url: str) -> None:
    """An organisation says where its system listens from now on."""
    sandbox = exchange.site.sandbox()
    try:
        sandbox.add_endpoint(sandbox.organisations()[code], url)
    finally:
        sandbox.administrator.close()


def call_instead(exchange: Exchange, code: str, url: str) -> None:
    """Somebody else answers where an organisation's system is called: on loopback no encrypted one
    can be registered.
    """
    sandbox = exchange.site.sandbox()
    organisation_id = sandbox.organisations()[code]["id"]
    sandbox.administrator.close()
    with psycopg.connect(exchange.site.database(Queue.NOTIFICATION)) as connection:
        changed = connection.execute(
            "UPDATE endpoints SET url = %s WHERE organisation_id = %s AND status = 'active'",
            (url, organisation_id),
        )
    assert changed.rowcount == 1


def ends(exchange: Exchange) -> set[str]:
    """How tries have ended so far."""
    return {row[0] for row in exchange.rows(Queue.NOTIFICATION, OUTCOMES)}


def wait_for(exchange: Exchange, outcomes: set[str]) -> None:
    assert wait_until(lambda: ends(exchange) >= outcomes, within=60 * pace.PATIENCE), ends(exchange)
