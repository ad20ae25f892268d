"""Who was refused what, in the audit: a missing role, and what is not there for this caller.

Such a refusal changes nothing, so nothing else would tell of it: of somebody who tries what is not
theirs, or looks around. A creating request records its refusals itself, with its answer.

Whoever is refused may ask again as often as they like, and must not fill the audit. So of the
refusals of one kind, of one client within an hour, the first is an entry, and the tenth, and the
hundredth; each says how many there were.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from shared.kit import audit
from shared.kit.auth import Caller
from shared.kit.database import DatabaseFault
from shared.kit.errors import DomainError, Forbidden, NotFound
from shared.kit.http.edge import Edge
from shared.kit.http.places import object_of
from shared.kit.logging import logger
from shared.kit.routing import template_of

WINDOW = timedelta(hours=1)
MOST_KINDS = 10_000
"""How many kinds of refusals are remembered; then the one unused for longest is forgotten."""

Kind = tuple[str, str, str]


@dataclass(frozen=True)
class _Entry:
    caller: Caller
    action: str
    object_id: UUID
    outcome: str
    times: int
    now: datetime


class Refusals:
    """Records refusals that no use case has recorded."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._seen: OrderedDict[Kind, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    async def note(self, request: Request, refusal: DomainError) -> None:
        """Record it if it tells of somebody; the refusal stands, recorded or not."""
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None or not isinstance(refusal, Forbidden | NotFound):
            return
        now = self._edge.clock()
        action = f"{request.method} {template_of(request.app, request.scope['path'])}"
        times = self._count((caller.client_id, action, refusal.code()), now)
        if str(times).rstrip("0") == "1":
            entry = _Entry(caller, action, object_of(request), refusal.code(), times, now)
            await run_in_threadpool(self._record, entry)

    def _count(self, kind: Kind, now: datetime) -> int:
        """How many of this kind there were since the first of the hour."""
        with self._lock:
            began, times = self._seen.pop(kind, (now, 0))
            if now - began >= WINDOW:
                began, times = now, 0
            self._seen[kind] = began, times + 1
            if len(self._seen) > MOST_KINDS:
                self._seen.popitem(last=False)
            return times + 1

    def _record(self, entry: _Entry) -> None:
        try:
            with self._edge.begin() as session:
                audit.record(
                    session,
                    actor=entry.caller.actor,
                    action=entry.action,
                    object_id=entry.object_id,
                    now=entry.now,
                    outcome=entry.outcome,
                    organisation_id=str(entry.caller.organisation_id),
                    times=entry.times,
                )
        except DatabaseFault as fault:
            logger().error("refusal_unrecorded", error=type(fault).__name__)
