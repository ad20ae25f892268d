"""Structured logs made of an allow-list: a key that is not known to be safe is dropped."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "process", "error", "code", "count", "queue",
        "source", "destination", "message_id", "message_type", "case_id", "referral_id",
        "delivery_id", "endpoint_id", "organisation_id", "client_id", "status", "method", "route",
        "seconds", "attempts", "reason", "sent", "closed", "epoch", "backlog", "address", "port",
        "correlation_id", "traceparent",
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
    """Write one JSON object a line to standard output; quiet the libraries that log arguments."""
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
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(levelname)s %(name)s")


def logger() -> structlog.typing.FilteringBoundLogger:
    """The logger; values are ids, codes, counts and times."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger())
