"""How old what waits is, and what that means."""

from datetime import datetime

OLD, SLOW = 3600, 60
"""Seconds: who operates is told after an hour (`shared/messaging/lateness.py`), and what takes more
than a minute is no longer on its way."""
GOOD, SOON, DANGER, MUTED = "good", "soon", "danger", "muted"


def tone_of(seconds: int | None) -> str:
    """What an age means."""
    if seconds is None or seconds < SLOW:
        return GOOD
    return SOON if seconds < OLD else DANGER


def seconds_between(since: str | None, at: str) -> int | None:
    """How old something was when it was counted."""
    if since is None:
        return None
    past = datetime.fromisoformat(at) - datetime.fromisoformat(since)
    return max(0, int(past.total_seconds()))
