"""What the token endpoint answers."""

from typing import Any

from pydantic import Field

from services.directory import examples
from shared.kit.shapes import Shape, shown


class TokenRead(Shape):
    """An access token (RFC 6749 section 5.1)."""

    model_config = shown(examples.TOKEN_READ)

    access_token: str
    """The token, a JWT (RFC 9068), to be sent as `Authorization: Bearer`."""
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750
    """The type of the token, always `Bearer`."""
    expires_in: int = Field(description="For how many seconds the token is valid.")
    issued_token_type: str | None = None
    """The type of the token, where a session was exchanged for it (RFC 8693)."""
    scope: str | None = Field(default=None, description="The roles granted, with spaces between.")


class TokenError(Shape):
    """Why no token was issued (RFC 6749 section 5.2)."""

    model_config = shown(examples.TOKEN_ERROR)

    error: str
    """The error, a code of RFC 6749 section 5.2."""
    error_description: str
    """What is wrong, for the developer of the client."""


class KeySet(Shape):
    """The public keys that access tokens are checked with (RFC 7517)."""

    model_config = shown(examples.KEY_SET)

    keys: list[dict[str, Any]]
    """The keys as JWKs (RFC 7517)."""
