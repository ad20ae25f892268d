"""What is not there and what is somebody else's must be one answer, or anybody can count cases."""

from collections.abc import Callable
from uuid import UUID, uuid4

from httpx2 import Response


def tells_apart(ask: Callable[[UUID], Response], others: UUID) -> list[str]:
    """In what the answers about another's thing and about nothing differ, if in anything."""
    unknown = uuid4()
    theirs, nothing = ask(others), ask(unknown)
    assert theirs.status_code in {403, 404}, theirs.text
    found = []
    if theirs.status_code != nothing.status_code:
        found.append("status")
    if theirs.text.replace(str(others), "") != nothing.text.replace(str(unknown), ""):
        found.append("body")
    if dict(theirs.headers) != dict(nothing.headers):
        found.append("headers")
    return found
