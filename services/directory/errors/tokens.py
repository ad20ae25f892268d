"""Why a token was refused."""

from enum import StrEnum

from shared.kit.errors import DomainError


class AssertionFault(StrEnum):
    """Why a client assertion was refused; all that is wrong before the signature is one code."""

    NOT_AUTHENTIC = "not_authentic"
    EXPIRED = "expired"
    TOO_LONG = "too_long"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_AUDIENCE = "wrong_audience"
    UNNAMED = "unnamed"
    REUSED = "reused"


class TokenRefusal(DomainError):
    """The token request was refused (RFC 6749 section 5.2)."""

    kind = "bad_request"

    @classmethod
    def name(cls) -> str:
        """``InvalidClient`` -> ``invalid_client``: the error code of the RFC."""
        return cls.code().replace("-", "_")


class InvalidRequest(TokenRefusal):
    """A parameter is missing, repeated or unreadable."""


class SessionOver(InvalidRequest):
    """The session that a token is asked for has ended (RFC 8693 section 2.2.2)."""

    @classmethod
    def name(cls) -> str:
        """RFC 8693 has no code of its own for it."""
        return InvalidRequest.name()


class UnsupportedGrantType(TokenRefusal):
    """The only grant type here is client_credentials."""


class InvalidScope(TokenRefusal):
    """A scope is a role the organisation holds today."""


class UnauthorizedClient(TokenRefusal):
    """The organisation holds roles that exclude each other, so none of its clients gets a token."""


class InvalidClient(TokenRefusal):
    """The client assertion is not acceptable."""

    kind = "unauthenticated"
