"""Structured logs made of an allow-list: a key that is not known to be safe is dropped.

What libraries log, and what nobody has caught, passes here too: of an exception its class and the
place in our code are kept, never its text, because texts carry what people have submitted.
"""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import structlog

CODE = Path(__file__).resolve().parents[2]
ROOMS = ("deploy", "services", "shared")

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "process", "error", "code", "count", "queue",
        "source", "destination", "message_id", "message_type", "case_id", "referral_id",
        "delivery_id", "endpoint_id", "organisation_id", "client_id", "status", "method", "route",
        "seconds", "attempts", "reason", "sent", "closed", "epoch", "backlog", "address", "port",
        "correlation_id", "traceparent", "place",
    },
)  # fmt: skip


def keep_allowed(
    _logger: Any,
    _method: str,
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Drop every key that nobody declared safe."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure(service: str, process: str, level: str = "INFO") -> None:
    """Write one JSON object per line to standard output; quiet the libraries that log arguments."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, process=process)
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


def logger() -> structlog.typing.FilteringBoundLogger:
    """The logger; values are ids, codes, counts and times."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger())
