"""Looking names up, without waiting longer than a call may.

The system's resolver cannot be interrupted: a name server that is silent holds it for half a minute
or more. So it is asked on a thread that nobody has to wait for, one for each name.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

Resolve = Callable[[str, int], Sequence[str]]

MOST_AT_ONCE = 64
"""Names being looked up at one moment; further ones are not found until some of these end."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, best first; raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Names:
    """Looks names up; several calls that ask for one name at once share the answer."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._asked: dict[tuple[str, int], Future[Sequence[str]]] = {}
        self._lock = threading.Lock()

    def addresses(self, host: str, port: int, *, seconds: float) -> Sequence[str]:
        """The addresses of a name; ``OSError`` when there are none, or none came in time."""
        return self._lookup(host, port).result(timeout=seconds)

    def _lookup(self, host: str, port: int) -> Future[Sequence[str]]:
        place = (host, port)
        with self._lock:
            known = self._asked.get(place)
            if known is not None:
                return known
            if len(self._asked) >= MOST_AT_ONCE:
                raise OSError("too many names are being looked up")
            asked: Future[Sequence[str]] = Future()
            self._asked[place] = asked
        threading.Thread(target=self._run, args=(place, asked), name="names", daemon=True).start()
        return asked

    def _run(self, place: tuple[str, int], asked: Future[Sequence[str]]) -> None:
        try:
            found = self._resolve(*place)
        except Exception as fault:  # noqa: BLE001 - raised again in whoever asked
            asked.set_exception(fault)
        else:
            asked.set_result(found)
        finally:
            with self._lock:
                del self._asked[place]
