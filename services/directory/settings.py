"""What the processes of the directory read from their environment."""

from pathlib import Path

from pydantic import Field

from shared.kit.configuration import settings_config
from shared.kit.settings import ServiceSettings


class DirectorySettings(ServiceSettings):
    """The common settings, under the prefix ``DIRECTORY_``: all that worker and relay are told."""

    model_config = settings_config("DIRECTORY_")


class DirectoryApiSettings(DirectorySettings):
    """With the keys of tokens and webhooks, for the one process that issues them."""

    token_key_file: Path
    """The private Ed25519 key that signs access tokens, as a JWK (RFC 8037)."""
    token_endpoint: str
    """The address of the token endpoint: an audience a client assertion may name."""
    webhook_master_file: Path
    """32 bytes in hex; notification reads the same file and derives the same secrets."""
    staff_master_file: Path
    """32 bytes in hex: what seals who the accounts of people belong to."""
    second_factor_required: bool = True
    """Whether people show a second factor who see identities, decide, administer or operate.

    Off in a sandbox only; every log-in then says so.
    """
    is_sandbox: bool = False
    """Whether there may be test organisations, to which nothing leaves: never among real ones."""
    link_hours: int = Field(default=72, ge=1, le=168)
    """How long a link or slip for a new account is good: over a weekend, and no longer."""
    allow_loopback_endpoints: bool = False
    """Also take ``http://127.0.0.1`` as the address of a webhook or an identity provider: for a
    demonstration, never outside.
    """
