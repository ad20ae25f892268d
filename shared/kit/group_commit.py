"""Requests that wait together share one transaction.

Under load the price of a commit is paid once for up to 64 requests; alone, a request is handled
at once. If the shared transaction fails, each request is tried in its own, so that one bad request
never fails its neighbours. A database that is down fails them all at once, or each would wait for
it in its turn. A caller is answered only after the commit that holds its effect; one that has left
before its turn, in the shared transaction or alone, has none.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.database import Begin, is_database_down, retry_on_conflict
from shared.kit.errors import DomainError, Unavailable

MOST = 64
MOST_WAITING = 16 * MOST
"""Requests that may wait: what is handled in a second or two. More would be answered too late."""
CLOSING_SECONDS = 30

Fact = TypeVar("Fact")
Result = TypeVar("Result")


class TooManyWaiting(Unavailable):
    """More requests are waiting than can be answered in time; nothing was stored."""


class _Awaited(Future[Result]):
    """The future of a request; remembers that its client left, also when it was under way."""

    is_left = False

    def cancel(self) -> bool:
        self.is_left = True
        return super().cancel()


@dataclass(frozen=True)
class _Request(Generic[Fact, Result]):
    fact: Fact
    future: _Awaited[Result] = field(default_factory=_Awaited)


@dataclass(frozen=True)
class _Probe:
    future: Future[None] = field(default_factory=Future)


class GroupCommit(Generic[Fact, Result]):
    """Handles facts on one thread of its own, in one transaction as many as are waiting.

    ``handle`` takes a session and 1..64 facts and returns as many results, in order; a result
    that is a ``DomainError`` is an answer like any other and is raised to its caller.
    """

    def __init__(
        self,
        begin: Begin,
        handle: Callable[[Session, Sequence[Fact]], Sequence[Result | DomainError]],
        *,
        name: str,
        most: int = MOST,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._begin = begin
        self._handle = handle
        self._most = most
        self._waiting: queue.Queue[_Request[Fact, Result] | _Probe | None] = queue.Queue(
            most_waiting
        )
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, fact: Fact) -> Future[Result]:
        """A future that ends after the commit, or with the refusal or fault of this fact alone.

        Raises ``TooManyWaiting``. A future that is cancelled before its turn is not worked on, nor
        tried alone afterwards.
        """
        request: _Request[Fact, Result] = _Request(fact)
        self._put(request)
        return request.future

    def probe(self) -> Future[None]:
        """A future that ends after a commit of this thread that holds nothing."""
        probe = _Probe()
        self._put(probe)
        return probe.future

    def close(self) -> None:
        """Handle what waits, then stop."""
        self._waiting.put(None, timeout=CLOSING_SECONDS)
        self._thread.join(timeout=CLOSING_SECONDS)

    def _put(self, item: _Request[Fact, Result] | _Probe) -> None:
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            raise TooManyWaiting from None

    def _run(self) -> None:
        is_open = True
        while is_open:
            items, is_open = self._take()
            # From here on it is being worked on; what its client has left is not.
            wanted = [it for it in items if it.future.set_running_or_notify_cancel()]
            probes = [it for it in wanted if isinstance(it, _Probe)]
            requests = [it for it in wanted if isinstance(it, _Request)]
            if requests:
                self._handle_together(requests)
            if probes:
                self._answer(probes)

    def _take(self) -> tuple[list[_Request[Fact, Result] | _Probe], bool]:
        """What waits, at most so many, and whether more is to be taken afterwards."""
        items: list[_Request[Fact, Result] | _Probe] = []
        item = self._waiting.get()
        while item is not None:
            items.append(item)
            if len(items) == self._most:
                return items, True
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return items, True
        return items, False

    def _handle_together(self, batch: Sequence[_Request[Fact, Result]]) -> None:
        facts = [request.fact for request in batch]
        try:
            results = self._transact(facts) if len(batch) > 1 else self._alone(facts)
        except Exception as fault:  # noqa: BLE001 - each request meets it alone and is told of it
            if len(batch) == 1 or is_database_down(fault):
                _fail(batch, fault)
                return
            self._handle_each(batch)
        except BaseException as fault:
            # The callers wait on their futures: whatever ends this thread must reach them.
            _fail(batch, fault)
            raise
        else:
            for request, result in zip(batch, results, strict=True):
                _settle(request.future, result)

    def _handle_each(self, batch: Sequence[_Request[Fact, Result]]) -> None:
        """Each alone, until the database itself turns out to be away.

        Nothing was stored so far. Where each waits as long as the batch did, for a lock perhaps,
        the last would be tried long after its client has left.
        """
        for place, request in enumerate(batch):
            if request.future.is_left:
                _fail([request], CancelledError())
                continue
            self._handle_together([request])
            fault = request.future.exception()
            if fault is not None and is_database_down(fault):
                _fail(batch[place + 1 :], fault)
                return

    def _alone(self, facts: Sequence[Fact]) -> Sequence[Result | DomainError]:
        return retry_on_conflict(lambda: self._transact(facts))

    def _transact(self, facts: Sequence[Fact]) -> Sequence[Result | DomainError]:
        with self._begin() as session:
            return self._handle(session, facts)

    def _answer(self, probes: Sequence[_Probe]) -> None:
        try:
            commit_nothing(self._begin)
        except Exception as fault:  # noqa: BLE001 - whoever asked is told of it
            _fail(probes, fault)
        else:
            for probe in probes:
                probe.future.set_result(None)


def commit_nothing(begin: Begin) -> None:
    """Commit a transaction that has a number and nothing else: it fails where a real one would."""
    with begin() as session:
        session.execute(text("SELECT pg_current_xact_id()"))


def _fail(items: Sequence[_Request[Fact, Result]] | Sequence[_Probe], fault: BaseException) -> None:
    for item in items:
        item.future.set_exception(fault)


def _settle(future: Future[Result], result: Result | DomainError) -> None:
    if isinstance(result, DomainError):
        future.set_exception(result)
    else:
        future.set_result(result)
