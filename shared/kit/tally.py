"""How often one thing was refused: of many repeats a few are worth an entry that stays for ever.

Whoever is refused may ask again as often as they like, and must not fill the audit. So of the
refusals of one kind within an hour the first is an entry, and the tenth, and the hundredth; each
says how many there were.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
MOST_KINDS = 10_000
"""How many kinds of refusals are remembered; then the one unused for longest is forgotten."""

Kind = tuple[str, ...]
"""Who was refused, what they tried, and why; more only where more cannot be made up by them."""


class Tally:
    """Counts by kind, in this process."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Kind, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, kind: Kind, now: datetime) -> int | None:
        """How many of this kind there were since the first of the hour; unset if not to be noted.

        To be noted are the first, the tenth, the hundredth and so on.
        """
        times = self._add(kind, now)
        return times if str(times).rstrip("0") == "1" else None

    def _add(self, kind: Kind, now: datetime) -> int:
        with self._lock:
            began, times = self._seen.pop(kind, (now, 0))
            if now - began >= WINDOW:
                began, times = now, 0
            self._seen[kind] = began, times + 1
            if len(self._seen) > MOST_KINDS:
                self._seen.popitem(last=False)
            return times + 1
