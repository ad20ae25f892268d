"""Requests that wait together share one transaction.

Under load the price of a commit is paid once for up to 64 requests; alone, a request is handled
at once. If the shared transaction fails, each request is tried in its own, so that one bad request
never fails its neighbours. A caller is answered only after the commit that holds its effect.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from shared.kit.database import Begin, retry_on_conflict
from shared.kit.errors import DomainError

MOST = 64

Fact = TypeVar("Fact")
Result = TypeVar("Result")


class GroupCommit(Generic[Fact, Result]):
    """Handles facts on one thread of its own, as many a transaction as are waiting.

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
    ) -> None:
        self._begin = begin
        self._handle = handle
        self._most = most
        self._waiting: queue.SimpleQueue[tuple[Fact, Future[Result]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, fact: Fact) -> Future[Result]:
        """A future that ends after the commit, or with the refusal or fault of this fact alone."""
        future: Future[Result] = Future()
        self._waiting.put((fact, future))
        return future

    def close(self) -> None:
        """Handle what waits, then stop."""
        self._waiting.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            stop = False
            while len(batch) < self._most and not stop:
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    stop = True
                else:
                    batch.append(item)
            self._handle_together(batch)
            if stop:
                return

    def _handle_together(self, batch: list[tuple[Fact, Future[Result]]]) -> None:
        facts = [fact for fact, _ in batch]
        try:
            results = self._transact(facts) if len(batch) > 1 else self._alone(facts)
        except Exception as fault:  # noqa: BLE001 - each request meets it alone and is told of it
            if len(batch) == 1:
                batch[0][1].set_exception(fault)
                return
            for item in batch:
                self._handle_together([item])
        except BaseException as fault:
            # The callers wait on their futures: whatever ends this thread must reach them.
            for _, future in batch:
                future.set_exception(fault)
            raise
        else:
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)

    def _alone(self, facts: Sequence[Fact]) -> Sequence[Result | DomainError]:
        return retry_on_conflict(lambda: self._transact(facts))

    def _transact(self, facts: Sequence[Fact]) -> Sequence[Result | DomainError]:
        with self._begin() as session:
            return self._handle(session, facts)


def _settle(future: Future[Result], result: Result | DomainError) -> None:
    if isinstance(result, DomainError):
        future.set_exception(result)
    else:
        future.set_result(result)
