"""I3 and I4 as rules: the two ends of every message agree, pair by pair."""

from collections.abc import Iterable

from deploy.stack.invariants.balance import read_ends
from deploy.stack.invariants.reading import Urls
from deploy.stack.invariants.rule import Breach

UNEVEN = "every message told is closed or open, and none of them both"
LOST = "every message that its sender has closed was taken by its receiver"
TWICE = "no message was taken that was never told"
VANISHED = "every message that an inbox says is waiting waits, and no other does"
GAPS = "what was applied of each aggregate has the numbers 1 to n, each once"


def breaches(urls: Urls) -> list[Breach]:
    """Where the ends disagree: a sender, a receiver, and the aggregate or the message."""
    ends = read_ends(urls)
    found = (
        Breach("I3", UNEVEN, _lines(ends.uneven)),
        Breach("I3", LOST, _lines(ends.lost)),
        Breach("I3", TWICE, _lines(ends.twice)),
        Breach("I3", VANISHED, _lines((message,) for message in ends.vanished)),
        Breach("I4", GAPS, _lines(ends.gaps)),
    )
    return [breach for breach in found if breach.rows]


def _lines(rows: Iterable[tuple[object, ...]]) -> tuple[str, ...]:
    return tuple(sorted(" ".join(map(str, row)) for row in rows))
