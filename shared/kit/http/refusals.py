"""Who was refused what, in the audit: a missing role, and what is not there for this caller.

Such a refusal changes nothing, so nothing else would tell of it: of somebody who tries what is not
theirs, or looks around. A creating request records its refusals itself, with its answer. Of many
repeats a few are entries (``kit.tally``).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from shared.kit import audit
from shared.kit.addresses import action_of, object_of
from shared.kit.database import DatabaseFault
from shared.kit.errors import DomainError, Forbidden, NotFound
from shared.kit.http.edge import Edge
from shared.kit.logging import logger
from shared.kit.subjects import Subject
from shared.kit.tally import Tally


@dataclass(frozen=True)
class _Entry:
    caller: Subject
    action: str
    object_id: UUID
    outcome: str
    times: int
    now: datetime


class Refusals:
    """Records refusals that no use case has recorded."""

    def __init__(self, edge: Edge, tally: Tally) -> None:
        self._edge = edge
        self._tally = tally

    async def note(self, request: Request, refusal: DomainError) -> None:
        """Record it if it tells of somebody; the refusal stands, recorded or not."""
        caller: Subject | None = getattr(request.state, "subject", None)
        if caller is None or not isinstance(refusal, Forbidden | NotFound):
            return
        now = self._edge.clock()
        action = action_of(request)
        times = self._tally.count((caller.actor, action, refusal.code()), now)
        if times is not None:
            entry = _Entry(caller, action, object_of(request), refusal.code(), times, now)
            await run_in_threadpool(self._record, entry)

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
