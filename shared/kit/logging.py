"""Structured logs made of an allow-list: a key that is not known to be safe is dropped.

What libraries log, and what nobody has caught, passes here too: of an exception its class and the
place in our code are kept, never its text, because texts carry what people have submitted.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

CODE = Path(__file__).resolve().parents[2]
ROOMS = ("deploy", "services", "shared")

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "process", "error", "code", "count", "queue",
        "source", "destination", "message_id", "message_type", "case_id", "referral_id",
        "delivery_id", "endpoint_id", "organisation_id", "client_id", "status", "method", "route",
        "seconds", "attempts", "reason", "sent", "closed", "epoch", "backlog", "address", "port",
        "correlation_id", "traceparent", "place", "template_id", "rules", "words",
    },
)  # fmt: skip


def keep_allowed(facts: Mapping[str, object]) -> dict[str, object]:
    """Drop every key that nobody declared safe."""
    return {key: value for key, value in facts.items() if key in ALLOWED}


class Logger:
    """Writes facts, one JSON object per line; values are ids, codes, counts and times."""

    def __init__(self) -> None:
        self._who: dict[str, object] = {}
        self._least = logging.INFO
        # Also what a collector of garbage calls in the middle of a line may have to be told.
        self._writing = threading.RLock()

    def speak_as(self, service: str, process: str, level: str) -> None:
        """Whose lines these are from now on, on every thread, and from which level they count."""
        self._who = {"service": service, "process": process}
        self._least = logging.getLevelNamesMapping()[level]

    def debug(self, event: str, **facts: object) -> None:
        """Something for whoever looks for a fault here."""
        self.log(logging.DEBUG, event, **facts)

    def info(self, event: str, **facts: object) -> None:
        """Something that happens in the ordinary course of things."""
        self.log(logging.INFO, event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        """Something that is not as it should be, and will be right without anybody's help."""
        self.log(logging.WARNING, event, **facts)

    def error(self, event: str, **facts: object) -> None:
        """Something that somebody should look at."""
        self.log(logging.ERROR, event, **facts)

    def critical(self, event: str, **facts: object) -> None:
        """Something that ends a thread or the process."""
        self.log(logging.CRITICAL, event, **facts)

    def log(self, level: int, event: str, **facts: object) -> None:
        """Write a line, if its level counts."""
        if level < self._least:
            return
        told = (
            self._who
            | facts
            | {
                "event": event,
                "level": logging.getLevelName(level).lower(),
                "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            }
        )
        self.write(keep_allowed(told))

    def write(self, told: Mapping[str, object]) -> None:
        """One line on standard output, whole."""
        line = json.dumps(told, default=str) + "\n"
        with self._writing:
            sys.stdout.write(line)
            sys.stdout.flush()


_LOGGER = Logger()


def logger() -> Logger:
    """The logger of this process."""
    return _LOGGER


def configure(service: str, process: str, level: str = "INFO") -> None:
    """Say whose lines these are; quiet the libraries that log arguments."""
    _LOGGER.speak_as(service, process, level)
    logging.basicConfig(level=logging.WARNING, handlers=[Reticent()])
    logging.captureWarnings(capture=True)
    _quiet_uvicorn()
    _hear_uncaught()


class Reticent(logging.Handler):
    """Tells that a library has logged, at which level and about what exception; not its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as one of our own lines."""
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        logger().log(level, "library", source=record.name, **_exception_in(record))


def _exception_in(record: logging.LogRecord) -> dict[str, str]:
    if record.exc_info and record.exc_info[0]:
        return _describe(record.exc_info[0], record.exc_info[2])
    return describe(record.msg) if isinstance(record.msg, BaseException) else {}


def describe(error: BaseException) -> dict[str, str]:
    """The class of an exception and where our code met it, as values for a log."""
    return _describe(type(error), error.__traceback__)


def _describe(kind: type[BaseException], trace: TracebackType | None) -> dict[str, str]:
    place = _place(trace)
    return {"error": kind.__name__} | ({"place": place} if place else {})


def _place(trace: TracebackType | None) -> str | None:
    """File and line of the innermost frame that is ours."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(CODE) and path.relative_to(CODE).parts[0] in ROOMS:
            return f"{path.relative_to(CODE)}:{frame.lineno}"
    return None


def _quiet_uvicorn() -> None:
    """Take away uvicorn's own handlers, which write tracebacks, and its log of addresses."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        found = logging.getLogger(name)
        found.handlers.clear()
        found.propagate = name != "uvicorn.access"
        found.setLevel(logging.WARNING)


def _hear_uncaught() -> None:
    """Log in our format what ends a thread or the process, unless another hook takes it."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell_uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda it: _tell_uncaught(
            it.exc_type, it.exc_value, it.exc_traceback
        )
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda it: _tell_uncaught(it.exc_type, it.exc_value, it.exc_traceback)


def _tell_uncaught(
    kind: type[BaseException],
    _error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    logger().critical("uncaught", **_describe(kind, trace))
