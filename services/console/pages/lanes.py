"""A case drawn as lanes over time: what ran when, what runs now, and what is still to come.

Pure computation: a chart is drawn twice, for a wide and for a narrow screen, so that its letters
are never smaller than 12 px. Whoever does not see it is told the same in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (1, 2, 7, 14, 30, 91, 182, 365)
"""Days between two marks of the scale."""
LEAST_DAYS = 7
LONG = 300
"""Days from which a mark names month and year."""
THINNEST = 6
ABOVE = 22
"""Room for the word that marks today."""
BELOW = 24


@dataclass(frozen=True)
class Span:
    """Something that ran from a day to a day; what has no end runs today."""

    begins: date
    ends: date | None
    tone: str
    """How it is drawn: done, now, waits or ahead."""


@dataclass(frozen=True)
class Lane:
    """What is of one kind."""

    text: str
    """The code of its name."""
    spans: Sequence[Span]


@dataclass(frozen=True)
class Size:
    """How large a chart is, in its own units, which are never shrunk much."""

    name: str
    width: int
    labels: int
    row: int
    marks: int
    """How many marks the scale has at most."""


WIDE = Size("wide", 640, 112, 26, 7)
NARROW = Size("narrow", 256, 84, 28, 4)


@dataclass(frozen=True)
class Bar:
    """A span as it is drawn."""

    x: float
    y: int
    width: float
    tone: str


@dataclass(frozen=True)
class Mark:
    """A mark of the scale."""

    x: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything that a template draws."""

    size: Size
    height: int
    labels: Sequence[tuple[str, int]]
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    today: float
    is_late: bool
    """Whether today lies so far right that its word ends there."""


def draw(lanes: Sequence[Lane], today: date, size: Size) -> Chart:
    """The lanes from the first day to the last, with some room behind it."""
    first = min(span.begins for lane in lanes for span in lane.spans)
    last = max(_end(span, today) for lane in lanes for span in lane.spans)
    days = max(LEAST_DAYS, (max(last, today) - first).days)
    scale = _Scale(first, days + days // 12 + 1, size)
    rows = range(ABOVE, ABOVE + len(lanes) * size.row, size.row)
    return Chart(
        size=size,
        height=ABOVE + len(lanes) * size.row + BELOW,
        labels=[(lane.text, y) for lane, y in zip(lanes, rows, strict=True)],
        bars=[
            scale.bar(span, y, today)
            for lane, y in zip(lanes, rows, strict=True)
            for span in lane.spans
        ],
        marks=list(scale.marks()),
        today=scale.x(today),
        is_late=scale.x(today) > size.width * 0.8,
    )


def _end(span: Span, today: date) -> date:
    return max(span.begins, span.ends or today)


@dataclass(frozen=True)
class _Scale:
    first: date
    days: int
    size: Size

    def x(self, day: date) -> float:
        room = self.size.width - self.size.labels
        return round(self.size.labels + room * (day - self.first).days / self.days, 1)

    def bar(self, span: Span, y: int, today: date) -> Bar:
        x = self.x(span.begins)
        end = self.x(_end(span, today))
        return Bar(x, y, max(THINNEST, round(end - x, 1)), span.tone)

    def marks(self) -> Iterator[Mark]:
        step = next((it for it in STEPS if self.days / it < self.size.marks), STEPS[-1])
        written = "%m/%Y" if self.days > LONG else "%d/%m"
        for passed in range(0, self.days, step):
            day = self.first + timedelta(passed)
            yield Mark(self.x(day), day.strftime(written))
