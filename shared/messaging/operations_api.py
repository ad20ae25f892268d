"""How the work of a service goes, over HTTP, the same in every service."""

from typing import Annotated

from fastapi import Depends
from pydantic import AwareDatetime, ConfigDict

from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts import Queue, sample
from shared.kit.http import ReadSession, edge_of
from shared.kit.http.edge import Edge
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Shape, shown
from shared.kit.subjects import Subject
from shared.messaging import operations
from shared.messaging.alerts import AlertKind
from shared.messaging.inbox import HeldReason

router = Router(tags=["operation"])


class Counted(Shape):
    """How many there are, and the oldest of them."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    count: int
    """How many there are."""
    oldest_at: AwareDatetime | None
    """Since when the oldest of them waits; unset if there is none."""


class Told(Shape):
    """What this service has told another one, and has no receipt for."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    destination: Queue
    """The service that is to take it over."""
    messages: int
    """How many messages have no receipt."""
    parcels: int
    """In how many parcels they travel."""
    unsent: int
    """How many parcels were not sent yet."""
    oldest_at: AwareDatetime
    """When the oldest of them was told."""


class HeldMessages(Counted):
    """What this service has taken over and not handled yet, for one reason."""

    reason: HeldReason
    """Why it waits: for the message before it, for a fact, or for the next try."""


class OpenAlerts(Counted):
    """The open alerts of one kind that an operator sees to."""

    kind: AlertKind
    """What is wrong with each of them."""


class FailingSweep(Shape):
    """Something the relay does again and again, which fails as a whole."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    name: str
    """The name of the sweep."""
    since: AwareDatetime
    """When it failed first; since then it was late."""
    times: int
    """How often it has failed since."""


class Operations(Shape):
    """How the work of this service goes now."""

    model_config = shown(sample.OPERATIONS)

    at: AwareDatetime
    """When this was counted, by the clock of the database."""
    outbox: list[Told]
    """What has no receipt, by the service it is told to."""
    held: list[HeldMessages]
    """What was taken over and not handled yet, by reason."""
    parked: Counted
    """Messages that wait for an operator."""
    alerts: list[OpenAlerts]
    """What waits for an operator, by kind."""
    failing_sweeps: list[FailingSweep]
    """Which sweeps are late, because they fail."""
    workers: int
    """How many workers are there."""
    worker_seen_at: AwareDatetime | None
    """When a message last came through the whole queue; canaries do every few seconds."""
    relay_seen_at: AwareDatetime | None
    """When the relay last asked for work; unset if it is not there."""
    archived_at: AwareDatetime | None
    """When the database server last put a segment of its log into the archive that backups are made
    of; unset where it keeps none.
    """


class AgesOfDay(Shape):
    """How old the oldest message to one service grew in each of the last 24 hours."""

    destination: Queue
    """The service that was to take it over."""
    seconds: list[int]
    """The greatest age in each hour, in seconds; 0 where nothing waited. The last hour is the
    present one.
    """


class OperationsOfDay(Shape):
    """How old what this service tells has grown within a day, hour by hour."""

    model_config = shown(sample.OPERATIONS_OF_DAY)

    since: AwareDatetime
    """The beginning of the first of the 24 hours."""
    outbox: list[AgesOfDay]
    """The services to which something was told meanwhile, each with 24 ages."""


@router.get("/operations/day", responses=refusals(401, 403))
def read_day(
    _operator: Annotated[Subject, Depends(permitted(Permission.OPERATION_READ))],
    session: ReadSession,
) -> OperationsOfDay:
    """Read how old what this service tells grew in each of the last 24 hours.

    It is computed from what was told, so a restart forgets nothing of it. It reads a day of what is
    closed: ask for it when somebody looks, and not every few seconds.
    """
    found = operations.ages_of(session)
    told = found.seconds.items()
    return OperationsOfDay(
        since=found.since,
        outbox=[AgesOfDay(destination=Queue(name), seconds=list(ages)) for name, ages in told],
    )


@router.get("/operations", responses=refusals(401, 403))
def read_operations(
    _operator: Annotated[Subject, Depends(permitted(Permission.OPERATION_READ))],
    session: ReadSession,
    edge: Annotated[Edge, Depends(edge_of)],
) -> Operations:
    """Read how the work of this service goes: what waits since when, and who is there."""
    found = operations.state_of(session, edge.service)
    signs = found.signs
    return Operations(
        at=found.at,
        outbox=[Told.model_validate(it) for it in found.outbox],
        held=[HeldMessages.model_validate(it) for it in found.held],
        parked=Counted(count=signs.parked, oldest_at=signs.oldest_parked_at),
        alerts=[OpenAlerts.model_validate(it) for it in found.alerts],
        failing_sweeps=[FailingSweep.model_validate(it) for it in found.sweeps],
        workers=signs.workers,
        worker_seen_at=signs.worker_seen_at,
        relay_seen_at=signs.relay_seen_at,
        archived_at=signs.archived_at,
    )
