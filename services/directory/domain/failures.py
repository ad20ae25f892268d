"""How often somebody was wrong: counted before anything is looked at, so that no burst slips by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.models import LogInFailure
from services.directory.policy import FORGOTTEN_AFTER, PATIENCE, Counted, StaffVault


@dataclass(frozen=True)
class Counter:
    """One thing that failures are counted by."""

    kind: Counted
    digest: bytes

    @classmethod
    def of(cls, vault: StaffVault, kind: Counted, value: str) -> "Counter":
        """The counter of an account, a device or a source: kept as a keyed digest only."""
        return cls(kind, vault.digest("failures", kind.value, value))


def count(
    session: Session, counters: Iterable[Counter], *, at: datetime, stopping: Iterable[Counter]
) -> bool:
    """Add a failure to each, unless one of the stopping has to wait; whether they were added.

    What turns out to be right is taken back. Of several at once each sees those before it.
    """
    rows = {each: _locked(session, each, at) for each in _ordered(counters)}
    if any(_waits(rows[each], at) for each in stopping):
        return False
    for counter, row in rows.items():
        is_forgotten = row.last_at + FORGOTTEN_AFTER < at
        row.times = 1 if is_forgotten else row.times + 1
        wait = PATIENCE[counter.kind].wait_after(row.times)
        row.waits_until = at + wait if wait else None
        row.last_at = at
    session.flush()
    return True


def take_back(session: Session, counters: Iterable[Counter]) -> None:
    """What was counted was right."""
    for counter in _ordered(counters):
        session.execute(
            update(LogInFailure)
            .where(LogInFailure.key_digest == counter.digest)
            .values(times=func.greatest(LogInFailure.times - 1, 0), waits_until=None)
        )


def _ordered(counters: Iterable[Counter]) -> list[Counter]:
    """In the order in which whoever locks several of them locks them."""
    return sorted(counters, key=lambda counter: counter.digest)


def _locked(session: Session, counter: Counter, at: datetime) -> LogInFailure:
    return session.scalars(
        insert(LogInFailure)
        .values(key_digest=counter.digest, times=0, waits_until=None, last_at=at)
        .on_conflict_do_update(
            index_elements=[LogInFailure.key_digest], set_={"key_digest": counter.digest}
        )
        .returning(LogInFailure)
        .execution_options(populate_existing=True)
    ).one()


def _waits(row: LogInFailure, at: datetime) -> bool:
    return row.waits_until is not None and row.waits_until > at
