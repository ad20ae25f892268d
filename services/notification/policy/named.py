"""Several gateways of SMS, or mail servers, as a file of TOML names them: a table each."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from services.notification.policy.signatures import secrets_in

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")]
"""How a carrier is called: its tries are written down under it, so it keeps its name."""
SUBMISSION_PORT = 587
HIDDEN = ConfigDict(hide_input_in_errors=True)
"""What is refused is not shown: it may be a secret, and errors end in a log."""


class NamedCarrier(BaseModel):
    """One of those by which a channel goes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    weight: int = Field(default=1, ge=0, le=1000)
    """How much goes by it, beside the others; 0: only where no other can be asked."""


class NamedGateway(NamedCarrier):
    """A gateway of SMS (docs/sms-gateway.md)."""

    address: str = Field(pattern=r"^https?://")
    secrets: tuple[str, ...]
    """What either signs with; the first signs, all are believed."""

    @model_validator(mode="after")
    def _signs(self) -> "NamedGateway":
        """What is no secret would sign nothing."""
        secrets_in("\n".join(self.secrets))
        return self


class NamedServer(NamedCarrier):
    """A server that sends mails on."""

    host: str = Field(min_length=1)
    port: int = SUBMISSION_PORT
    tls_implicit: bool = False
    """TLS from the first byte instead of STARTTLS."""
    user: str = ""
    password: str = ""
    ca_file: Path | None = None
    """The certificate of the authority that vouches for it, if no public one does."""


C = TypeVar("C", bound=NamedCarrier)


def gateways_in(text: str) -> Mapping[str, NamedGateway]:
    """The gateways of SMS of a file, by name.

    Raises ``ValueError`` for what cannot be understood, and where two share a secret: then it would
    not be known which of them reports.
    """
    found = _carriers_in(text, NamedGateway)
    secrets = [each for gateway in found.values() for each in set(gateway.secrets)]
    if len(secrets) > len(set(secrets)):
        raise ValueError("there is one secret for two gateways")
    return found


def servers_in(text: str) -> Mapping[str, NamedServer]:
    """The mail servers of a file, by name; ``ValueError`` for what cannot be understood."""
    return _carriers_in(text, NamedServer)


def _carriers_in(text: str, kind: type[C]) -> dict[str, C]:
    named: TypeAdapter[dict[str, C]] = TypeAdapter(dict[Name, kind], config=HIDDEN)  # type: ignore[valid-type]
    found = named.validate_python(tomllib.loads(text))
    if not found:
        raise ValueError("the file names nobody")
    return found
