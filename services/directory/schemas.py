"""HTTP shapes. Text is normalised to NFC and holds no control characters."""

import unicodedata
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    computed_field,
)
from pydantic_core import PydanticCustomError

from services.directory.policy import Certainty, UnitKind, thumbprint
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import (
    EndpointStatus,
    EntitlementCode,
    OrganisationKind,
    Role,
    Sex,
)


def _plain(value: str) -> str:
    """Composed Vietnamese letters, and nothing a terminal or a page would act on."""
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in value):
        raise PydanticCustomError("control_character", "no control characters")
    return unicodedata.normalize("NFC", value)


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Note = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,10}$")]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
]
OrganisationCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
ClientId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$", max_length=64)
]
Age = Annotated[int, Field(ge=0, le=150, description="Completed years.")]
Version = Annotated[int, Field(description="The ETag, sent back as If-Match with a change.")]


class Shape(BaseModel):
    """What every shape holds to."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, str_strip_whitespace=True)


class HeldRole(Shape):
    """A role held for an area from ``valid_from`` until before ``valid_to``."""

    role: Role
    area_code: AreaCode = Field(description="A unit's code, or 31 for the whole city.")
    valid_from: date
    valid_to: date | None = Field(default=None, description="The first day it is not held.")

    def dated(self) -> DatedRole:
        """As messages and policies know it."""
        return DatedRole(**self.model_dump())


class OrganisationChange(Shape):
    """What may change about an organisation, whole."""

    name_vi: Name
    name_en: Name
    is_active: bool = True
    roles: list[HeldRole] = Field(default_factory=list, max_length=200)
    source: Note | None = Field(default=None, description="Where the fact is from.")
    certainty: Certainty = Certainty.ASSUMED

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes."""
        kept = self.model_dump(include={"name_vi", "name_en", "is_active", "source", "certainty"})
        return {**kept, "roles": tuple(role.dated() for role in self.roles)}


class OrganisationCreate(OrganisationChange):
    """A new organisation; its code and its kind stay."""

    code: OrganisationCode
    kind: OrganisationKind


class OrganisationRead(Shape):
    """An organisation with the roles it holds, held and will hold."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    kind: OrganisationKind
    is_active: bool
    roles: list[HeldRole]
    source: str | None
    certainty: Certainty
    version: Version


class ProgrammeChange(Shape):
    """What may change about a programme, whole."""

    name_vi: Name
    name_en: Name
    codes: list[EntitlementCode] = Field(min_length=1, max_length=20)
    area_codes: list[AreaCode] = Field(min_length=1, max_length=200)
    capacity: int = Field(ge=0, le=100_000, description="Places.")
    languages: list[Language] = Field(default=["vi"], min_length=1, max_length=50)
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    staff_sex: Sex | None = None
    is_active: bool = True
    certainty: Certainty = Certainty.ASSUMED

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes, lists without repeats."""
        kept = self.model_dump(exclude={"organisation_id", "codes", "area_codes", "languages"})
        lists = {name: getattr(self, name) for name in ("codes", "area_codes", "languages")}
        return kept | {name: tuple(dict.fromkeys(values)) for name, values in lists.items()}


class ProgrammeCreate(ProgrammeChange):
    """A new programme; it stays with its organisation."""

    organisation_id: UUID


class ProgrammeRead(Shape):
    """A programme (an HSDS service). ``assured_at``: when this was last said to be so."""

    id: UUID
    organisation_id: UUID
    name_vi: str
    name_en: str
    codes: list[EntitlementCode]
    area_codes: list[str]
    capacity: int
    languages: list[str]
    minimum_age: int | None
    maximum_age: int | None
    staff_sex: Sex | None
    assured_at: AwareDatetime
    is_active: bool
    certainty: Certainty
    version: Version


class UnitRead(Shape):
    """An administrative unit from ``valid_from`` until before ``valid_to``."""

    code: str
    name: str
    kind: UnitKind
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    source: str | None


class SuccessionRead(Shape):
    """A unit went, wholly or in part, into another on a day."""

    old_code: str
    new_code: str
    changed_on: date


class ClientChange(Shape):
    """A client's key as a JWK, public members only, and whether it may ask for tokens."""

    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(
        max_length=12,
        description="Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2).",
    )
    is_active: bool = True


class ClientCreate(Shape):
    """A new client of an organisation."""

    client_id: ClientId
    organisation_id: UUID
    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(max_length=12)


class ClientRead(Shape):
    """A client and its public key."""

    client_id: str
    organisation_id: UUID
    public_jwk: dict[str, Any]
    is_active: bool
    registered_at: AwareDatetime
    version: Version

    @computed_field  # type: ignore[prop-decorator]
    @property
    def thumbprint(self) -> str:
        """The name of the key by its content (RFC 7638)."""
        return thumbprint(self.public_jwk)


class EndpointCreate(Shape):
    """Where webhooks are sent: https, port 443, a public host name."""

    url: str = Field(min_length=1, max_length=500)


class EndpointRead(Shape):
    """A webhook endpoint, without its secret."""

    id: UUID
    organisation_id: UUID
    url: str
    status: EndpointStatus
    secret_version: int
    changed_at: AwareDatetime


class EndpointRegistered(EndpointRead):
    """A webhook endpoint as registered: the only answer that holds its secret."""

    secret: str = Field(description="Standard Webhooks signing secret, `whsec_` and base64.")


class TokenRead(Shape):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750
    expires_in: int = Field(description="Seconds.")
    scope: str | None = Field(default=None, description="The roles granted, space separated.")


class TokenError(Shape):
    """Why no token was issued (RFC 6749 section 5.2)."""

    error: str
    error_description: str


class KeySet(Shape):
    """The public keys access tokens are signed with (RFC 7517)."""

    keys: list[dict[str, Any]]


class OrganisationList(Shape):
    """A page of organisations."""

    items: list[OrganisationRead]
    next_cursor: str | None = None


class ProgrammeList(Shape):
    """A page of programmes."""

    items: list[ProgrammeRead]
    next_cursor: str | None = None


class UnitList(Shape):
    """A page of units in the order of their codes."""

    items: list[UnitRead]
    next_cursor: str | None = None


class SuccessionList(Shape):
    """What a unit became; more than one on a day: it was split, and a person must be asked."""

    items: list[SuccessionRead]
