"""From an agency's POST to a partner's signed webhook, and the POST alone."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from standardwebhooks import Webhook

from services.directory.policy import TokenIssuer
from services.notification.policy import DUE
from shared.contracts.vocabulary import OrganisationKind, Queue, Role
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from tests.bench.arrivals import Arrivals
from tests.bench.crew import Crew, go
from tests.bench.exchange import Exchange
from tests.bench.patience import wait_until
from tests.bench.stopwatch import Stopwatch
from tests.bench.submissions import CALLED, QUIET, job_of
from tests.subjects import somebody

STORED = "services.intake.app:create"
UNSTORED = "tests.bench.unstored:create"
CLIENTS = 16
WARM_UP = 128
FOR_EVER = 1e9
ARRIVED_WITHIN = 120.0


@dataclass(frozen=True)
class Posted:
    """What a run of submissions came to."""

    accepted: int
    seconds: float
    load: float = 0.0
    """Seconds of processor time that submitting took: not ours, and on the same cores."""

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds


@dataclass(frozen=True)
class Travelled:
    """When each job was posted, and when its webhook came (0.0: not yet)."""

    posted: Posted
    begun: list[float]
    ended: list[float]
    received: float
    """Seconds of processor time that the partners' system took."""

    @property
    def load(self) -> float:
        """Processor time of agencies and partners for one journey."""
        return (self.posted.load + self.received) / self.posted.accepted

    @property
    def rate(self) -> float:
        """Webhooks per second, from the first POST to the last webhook."""
        return len(self.ended) / (max(self.ended) - min(self.begun))

    @property
    def latencies(self) -> list[float]:
        """Seconds from POST to webhook."""
        return [end - begin for begin, end in zip(self.begun, self.ended, strict=True)]

    def completed(self, seconds: float) -> int:
        """How many webhooks came within so many seconds of the first POST."""
        until = min(self.begun) + seconds
        return sum(0.0 < end <= until for end in self.ended)


@dataclass(frozen=True)
class Pace:
    """How submissions come: ``rate`` 0 means as fast as they are answered."""

    jobs: int
    rate: float = 0.0
    clients: int = CLIENTS
    seconds: float = FOR_EVER


def journeys(exchange: Exchange, pace: Pace) -> Travelled:
    """Submissions over HTTP, until each one's offer has reached the school by webhook."""
    with Crew(exchange.folder) as crew:
        exchange.start_services(crew)
        exchange.serve(crew, STORED)
        arrivals = receive(exchange, crew, WARM_UP + pace.jobs)
        begins = _fresh(exchange.folder / "begins")
        Stopwatch(begins, WARM_UP + pace.jobs)
        drive(exchange, crew, begins, Pace(WARM_UP), first=0, kind=CALLED)
        arrivals.wait(WARM_UP, seconds=ARRIVED_WITHIN)
        received = crew.cpu(["sink"])
        posted = drive(exchange, crew, begins, pace, first=WARM_UP, kind=CALLED)
        arrivals.wait(WARM_UP + posted.accepted, seconds=ARRIVED_WITHIN)
        received = crew.cpu(["sink"]) - received
        crew.check()
        verify(exchange)
        # What is not written down as delivered would be sent again to whoever comes next.
        wait_until(lambda: not _owed(exchange), seconds=ARRIVED_WITHIN, what="all is written down")
        exchange.settle()
        begun = Stopwatch(begins, WARM_UP + pace.jobs).ended()
        those = slice(WARM_UP, WARM_UP + posted.accepted)
        ended = _ended(exchange, arrivals, WARM_UP + pace.jobs)
        return Travelled(posted, begun[those], ended[those], received)


def _ended(exchange: Exchange, arrivals: Arrivals, jobs: int) -> list[float]:
    """When the webhook of each job came; 0.0: not yet."""
    came = arrivals.came()
    ended = [0.0] * jobs
    for webhook_id, inner in exchange.query(
        Queue.NOTIFICATION, "SELECT id, traceparent FROM deliveries WHERE traceparent IS NOT NULL"
    ):
        if webhook_id in came:
            ended[job_of(inner)] = came[webhook_id]
    return ended


def _owed(exchange: Exchange) -> int:
    """Webhooks that are due or under way."""
    statement = "SELECT count(*) FROM deliveries WHERE state = ANY(%s)"
    return int(exchange.query(Queue.NOTIFICATION, statement, list(DUE))[0][0])


def submissions(exchange: Exchange, application: str, jobs: int) -> Posted:
    """Submissions by 16 clients at once, answered as fast as they can be."""
    with Crew(exchange.folder) as crew:
        exchange.serve(crew, application)
        begins = _fresh(exchange.folder / "begins")
        Stopwatch(begins, WARM_UP + jobs)
        drive(exchange, crew, begins, Pace(WARM_UP), first=0, kind=QUIET)
        posted = drive(exchange, crew, begins, Pace(jobs), first=WARM_UP, kind=QUIET)
        exchange.start_services(crew)
        exchange.settle()
        return posted


def drive(
    exchange: Exchange,
    crew: Crew,
    begins: Path,
    pace: Pace,
    *,
    first: int,
    kind: OrganisationKind,
) -> Posted:
    """Submit from a process of its own; returns when everything is answered."""
    arguments = (first, pace.jobs, pace.clients, pace.rate, pace.seconds)
    name = f"drive-{first}"
    process = crew.run(
        name, "tests.bench.drive", exchange.port, token(exchange), kind, begins,
        *arguments,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    prepared = crew.cpu([name])
    go(process)
    told = process.stdout.readline()
    if not told:
        raise RuntimeError("the submissions failed; see the log of the drive")
    return Posted(**orjson.loads(told), load=crew.cpu([name]) - prepared)


def token(exchange: Exchange) -> str:
    """An access token of the agency that submits, as the directory would sign it."""
    keys = exchange.environment.keys
    issuer = TokenIssuer.of(
        issuer=exchange.environment.base_url,
        audience="nhipcau",
        token_endpoint=exchange.environment.token_url,
        private_jwk=keys.path("token_key.json").read_bytes(),
        jwks=keys.path("jwks.json").read_bytes(),
    )
    subject = somebody(exchange.receiver_id(), Role.RECEIVER, client_id="bench")
    return issuer.sign(subject, client_id=subject.id, jti=new_id(), now=utc_now())


def verify(exchange: Exchange) -> None:
    """Check the signatures of the webhooks that were kept, with an independent verifier."""
    samples = exchange.folder / "webhooks.json"
    wait_until(samples.exists, seconds=5, what="webhooks were kept")
    kept: list[Any] = orjson.loads(samples.read_bytes())
    for path, headers, body in kept:
        Webhook(exchange.secrets[path.strip("/")]).verify(body.encode(), headers)


def receive(exchange: Exchange, crew: Crew, jobs: int) -> Arrivals:
    """Start the schools' system."""
    ends = _fresh(exchange.folder / "ends")
    samples = _fresh(exchange.folder / "webhooks.json")
    arrivals = Arrivals(ends, jobs)
    crew.run("sink", "tests.bench.sink", exchange.sink_port, ends, jobs, samples)
    wait_until(lambda: crew.listens(exchange.sink_port), seconds=10, what="the sink listens")
    return arrivals


def _fresh(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def paced_latencies(exchange: Exchange, jobs: int, rate: float) -> list[float]:
    """Seconds from POST to webhook of submissions that come at a steady rate."""
    return journeys(exchange, Pace(jobs, rate)).latencies


def sustained(exchange: Exchange, rate: float, seconds: float) -> float:
    """Completed / accepted while submissions come at a rate for so many seconds."""
    jobs = int(rate * seconds)
    began = time.monotonic()
    travelled = journeys(exchange, Pace(jobs, rate, clients=64, seconds=seconds))
    assert time.monotonic() - began >= seconds * 0.9
    return travelled.completed(seconds) / travelled.posted.accepted
