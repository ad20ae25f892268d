"""Answers a caller may be refused with. Whatever is not one of these is a fault.

A ``DomainError`` is an answer: HTTP turns its kind into a status (``kit.problems``), a message
handler's refusal is recorded beside the message. A fault is retried, then parked. What a caller
reads is no part of the code: the catalogues have it under ``problem`` and the refusal's code.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

STATUS_OF_KIND: Mapping[str, int] = {
    "bad_request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "not_yet": 409,
    "version_changed": 412,
    "too_large": 413,
    "invalid": 422,
    "key_reused": 422,
    "precondition_required": 428,
    "too_many": 429,
    "unavailable": 503,
    "refused": 400,
}
"""What HTTP answers to a refusal of each kind."""


class DomainError(Exception):
    """The request was refused."""

    kind: ClassVar[str] = "refused"

    def __init__(self, **facts: Any) -> None:
        """Keep the ids and codes that explain the refusal; never a submitted value."""
        super().__init__(self.code())
        self.facts = facts

    @classmethod
    def code(cls) -> str:
        """``ConsentMissing`` -> ``consent-missing``: the stable end of the problem type."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class NotFound(DomainError):
    """Nothing with this id exists here, or the caller may not see it."""

    kind = "not_found"


class Conflict(DomainError):
    """What the request is about is not in a state that allows this."""

    kind = "conflict"


class Forbidden(DomainError):
    """The caller may not do this."""

    kind = "forbidden"


class Invalid(DomainError):
    """The submitted facts do not fit together."""

    kind = "invalid"


class NotYet(DomainError):
    """An earlier fact has not arrived yet; the same request will be possible shortly."""

    kind = "not_yet"


class Unavailable(DomainError):
    """The service cannot answer now; nothing was stored."""

    kind = "unavailable"


class VersionChanged(DomainError):
    """It was changed after the caller had read it."""

    kind = "version_changed"


class BadRequest(DomainError):
    """The request lacks something that the interface requires."""

    kind = "bad_request"


class Unauthenticated(DomainError):
    """A valid access token is required."""

    kind = "unauthenticated"


class PreconditionRequired(DomainError):
    """Send If-Match with the version you read."""

    kind = "precondition_required"
