"""Pages for people: how long each lets an officer wait when ten are at work, and what it costs.

An installation as `make up` runs it, with cases in it, and before it the console in a process of
its own, as a server runs it. Each of ten people opens a page a second, the next link after the
last one, and each begins a tenth of a second after the one before: people do not press at the same
instant. Only what is slower than one in twenty counts.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier
from typing import Any

import httpx2
import orjson

from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.stack.client import Credentials
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SERVING, SMALL
from deploy.stack.standing import OPEN, write_sandbox
from tests.bench.bench import Bench
from tests.bench.crew import CODE, Crew
from tests.bench.stopwatch import percentile
from tests.pages.browsing import FROM_HERE
from tests.pages.crawling import Walk, is_for_people

USERS = 10
EVERY = 1.0
SECONDS = 30
CASES = 20
WITHIN = 60.0


def pages(bench: Bench) -> None:
    """Goals 14 and 15."""
    folder = bench.exchange.folder / "pages"
    with running(folder, port=free_port(), size=SMALL, extra=OPEN) as site:
        write_sandbox(folder, site)
        known = orjson.loads((folder / "sandbox.json").read_bytes())
        _submit(site, known)
        port = free_port()
        with Crew(bench.exchange.folder) as crew:
            options = ["--host", "127.0.0.1", "--port", port, *SERVING]
            served = "services.console.app:create"
            env = site.environment.everything()
            crew.run("console", "uvicorn", "--factory", served, *options, env=env)
            address = f"http://127.0.0.1:{port}"
            assert wait_until(lambda: _is_there(address), within=WITHIN), "the console answers"
            waits = _opened(address, list(known["people"].values()))
            crew.check()
            memory = crew.memory("console")
    slow = 1e3 * percentile(waits, 0.95)
    bench.measured.ratio("14", slow)
    bench.measured.ratio("15", memory)
    for each in waits:
        bench.measured.note("a page for people, seconds", each)
    bench.say(f"pages: p95 {slow:.0f} ms of {len(waits)}; the console holds {memory:.0f} MB")


def _submit(site: Installation, known: dict[str, Any]) -> None:
    client = site.client(Credentials.read(known["clients"]["agency"]))
    body = orjson.loads((CODE / "docs/examples/case.json").read_bytes())
    for number in range(CASES):
        answer = client.post("/intake/v1/cases", body, key=f"page-{number}")
        answer.raise_for_status()
    client.close()
    wait_until(lambda: site.balance().is_settled, within=WITHIN)


def _is_there(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/log-in", trust_env=False).is_success
    except httpx2.TransportError:
        return False


def _opened(address: str, people: list[dict[str, str]]) -> list[float]:
    """How long each page let somebody wait."""
    together = Barrier(USERS)
    with ThreadPoolExecutor(USERS) as at_once:
        found = at_once.map(
            lambda number, each: _morning(address, each, together, number * EVERY / USERS),
            range(USERS),
            cycle(people),
        )
    return [wait for waits in found for wait in waits]


def _morning(address: str, person: dict[str, str], together: Barrier, later: float) -> list[float]:
    """One person logs in, and opens the pages that links lead to, one a second."""
    form = {"user_name": person["user"], "password": person["password"]}
    with httpx2.Client(base_url=address, trust_env=False, timeout=WITHIN) as client:
        session = client.post("/log-in", data=form, headers=FROM_HERE).cookies["session"]
    headers = {"Cookie": f"session={session}"}
    with httpx2.Client(
        base_url=address, headers=headers, trust_env=False, follow_redirects=True, timeout=WITHIN
    ) as client:
        walk = Walk()
        walk.follow(client, f"{address}/")
        links = [at for at, it in walk.pages.items() if it.is_success and is_for_people(it)]
        waits = []
        together.wait()
        time.sleep(later)
        for link in islice(cycle(links), SECONDS):
            began = time.perf_counter()
            client.get(link).raise_for_status()
            waits.append(time.perf_counter() - began)
            time.sleep(max(0.0, EVERY - waits[-1]))
    return waits
