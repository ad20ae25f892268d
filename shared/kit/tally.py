"""How often one thing was done: of many repeats a few are worth an entry that stays for ever.

Whoever is refused may ask again as often as they like, and whoever reads may read again: neither
must fill the audit. So of what is of one kind within an hour the first is an entry, and the tenth,
and the hundredth; each says how many there were.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
MOST_KINDS = 10_000
"""How many kinds are remembered; then the one unused for longest is forgotten."""

Kind = tuple[str, ...]
"""Who did what, and of a refusal why; more only where more cannot be made up by them."""


class Tally:
    """Counts by kind, in this process."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Kind, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, kind: Kind, now: datetime) -> int | None:
        """How many of this kind there were since the first of the hour; unset if not to be noted.

        To be noted are the first, the tenth, the hundredth and so on.
        """
        return _noted(self._add(kind, now))

    def due(self, kind: Kind, now: datetime) -> int | None:
        """How many there would be with one more, which is not counted yet; unset as above."""
        with self._lock:
            return _noted(self._before(kind, now)[1] + 1)

    def _add(self, kind: Kind, now: datetime) -> int:
        with self._lock:
            began, times = self._before(kind, now)
            self._seen[kind] = began, times + 1
            self._seen.move_to_end(kind)
            if len(self._seen) > MOST_KINDS:
                self._seen.popitem(last=False)
            return times + 1

    def _before(self, kind: Kind, now: datetime) -> tuple[datetime, int]:
        began, times = self._seen.get(kind, (now, 0))
        return (now, 0) if now - began >= WINDOW else (began, times)


def _noted(times: int) -> int | None:
    return times if str(times).rstrip("0") == "1" else None
