"""API clients and their keys, as JSON."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, computed_field

from services.directory import examples
from services.directory.policy import thumbprint
from services.directory.schemas.words import ClientId, Version
from shared.kit.shapes import Shape, shown


class ClientChange(Shape):
    """A client's key as a JWK, public members only, and whether it may ask for tokens."""

    model_config = shown(examples.CLIENT_CHANGE)

    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(
        max_length=12,
        description="The public key: Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2).",
    )
    is_active: bool = True
    """Whether the client gets tokens. One that does not keeps those it has for ten minutes at most.
    """


class ClientCreate(Shape):
    """A new client of an organisation."""

    model_config = shown(examples.CLIENT_CREATE)

    client_id: ClientId
    """The id of the client, chosen by you; it never changes."""
    organisation_id: UUID
    """The organisation for which the client calls."""
    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(max_length=12)
    """The public key as a JWK: Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2). A key with a
    private member is refused.
    """


class ClientRead(Shape):
    """A client and its public key."""

    model_config = shown(examples.CLIENT_READ)

    client_id: str
    """The id of the client: `iss` and `sub` in its assertions."""
    organisation_id: UUID
    """The organisation for which the client calls."""
    public_jwk: dict[str, Any]
    """The public key that its assertions are checked with."""
    is_active: bool
    """Whether the client gets tokens."""
    registered_at: AwareDatetime
    """When the client was registered."""
    version: Version

    @computed_field  # type: ignore[prop-decorator]
    @property
    def thumbprint(self) -> str:
        """The name of the key by its content (RFC 7638)."""
        return thumbprint(self.public_jwk)


class ClientList(Shape):
    """The systems that speak for an organisation."""

    model_config = shown(examples.CLIENT_LIST)

    items: list[ClientRead]
    """The clients, by their names."""
