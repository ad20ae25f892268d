"""W3C Trace Context: one ``traceparent`` follows a case from the request to the last webhook."""

import os
import re
from contextvars import ContextVar

# Zeros alone name no trace and no step.
_HEADER = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    """The trace this step belongs to."""
    return _current.get()


def step_of(traceparent: str | None) -> str:
    """The next step of a trace; a missing or malformed header starts a new one."""
    found = _HEADER.fullmatch(traceparent or "")
    trace_id = found[1] if found else os.urandom(16).hex()
    return f"00-{trace_id}-{os.urandom(8).hex()}-01"


def follow(traceparent: str | None) -> str:
    """Make the next step of a trace the current one."""
    step = step_of(traceparent)
    _current.set(step)
    return step
