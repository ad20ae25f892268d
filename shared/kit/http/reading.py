"""Who read what is an entry of the audit, in the transaction that reads: no answer without it.

Of one thing that the same subject reads again and again within an hour a few reads are entries
(``kit.tally``), the first of them always; a page of many things is one of their list. See ADR 0042.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from shared.kit import audit
from shared.kit.addresses import action_of
from shared.kit.http.edge import Edge, edge_of
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.tally import Tally

A_LIST = "list"
"""What a page of many things is one of."""


class NothingSaid(RuntimeError):
    """A route that has read does not say what: a fault, for the read would leave no entry."""


@dataclass
class Reading:
    """A session to read with, which is told what was shown."""

    session: Session
    shown: UUID | str | None = None
    is_told: bool = False

    def shows(self, object_id: UUID) -> None:
        """Tell that this thing was found, and is shown."""
        self.shown, self.is_told = object_id, True

    def lists(self, rows: Sequence[Any], *, of: UUID | None = None) -> None:
        """Tell what a page shows: one thing, if it was asked for by it; nothing, if it is empty."""
        self.shown, self.is_told = (of or A_LIST) if rows else None, True


def reading(request: Request, edge: Annotated[Edge, Depends(edge_of)]) -> Iterator[Reading]:
    """Dependency: a session in which it is noted who reads."""
    tally: Tally = request.app.state.readings
    now = edge.clock()
    with edge.begin() as session:
        read = Reading(session)
        yield read
        if not read.is_told:
            raise NothingSaid(action_of(request))
        subject: Subject = request.state.subject
        kind = (subject.actor, action_of(request), str(read.shown))
        times = tally.due(kind, now) if read.shown else None
        if times is not None:
            audit.record(
                session,
                actor=subject.actor,
                action=action_of(request),
                object_id=read.shown if isinstance(read.shown, UUID) else new_id(),
                now=now,
                organisation_id=str(subject.organisation_id),
                times=times,
            )
    if read.shown:
        # Counted once the entry is there: had it failed, the next read would be noted.
        tally.count(kind, now)


NotedRead = Annotated[Reading, Depends(reading, scope="function")]
