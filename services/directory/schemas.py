"""HTTP shapes. Text is normalised to NFC and holds no control characters."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AwareDatetime,
    Field,
    StringConstraints,
    computed_field,
)

from services.directory.policy import Certainty, UnitKind, thumbprint
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import (
    EndpointReason,
    EndpointStatus,
    EntitlementCode,
    OrganisationKind,
    Role,
    Sex,
)
from shared.kit.languages import Language
from shared.kit.shapes import Cursor, Shape
from shared.kit.texts import OneLine

Name = Annotated[str, Field(min_length=1, max_length=200), OneLine]
Note = Annotated[str, Field(min_length=1, max_length=500), OneLine]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,10}$")]
OrganisationCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
ClientId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$", max_length=64)
]
Age = Annotated[int, Field(ge=0, le=150, description="Completed years.")]
Version = Annotated[int, Field(description="The ETag, sent back as If-Match with a change.")]


class HeldRole(Shape):
    """A role held for an area from ``valid_from`` until before ``valid_to``."""

    role: Role
    """What it may do there."""
    area_code: AreaCode = Field(description="A unit's code, or 31 for the whole city.")
    valid_from: date
    """The first day it is held."""
    valid_to: date | None = Field(default=None, description="The first day it is not held.")

    def dated(self) -> DatedRole:
        """As messages and policies know it."""
        return DatedRole(**self.model_dump())


class OrganisationChange(Shape):
    """What may change about an organisation, whole."""

    name_vi: Name
    """Official name."""
    name_en: Name
    """Name for readers of English."""
    is_active: bool = True
    """Defunct ones are neither asked nor called, and get no tokens."""
    roles: list[HeldRole] = Field(default_factory=list, max_length=200)
    """All it holds, held and will hold: what is left out is gone."""
    source: Note | None = Field(default=None, description="Where the fact is from.")
    certainty: Certainty = Certainty.ASSUMED
    """How sure that fact is."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes."""
        kept = self.model_dump(include={"name_vi", "name_en", "is_active", "source", "certainty"})
        return {**kept, "roles": tuple(role.dated() for role in self.roles)}


class OrganisationCreate(OrganisationChange):
    """A new organisation; its code and its kind stay."""

    code: OrganisationCode
    """Short and lasting, as `cao-dang-ky-thuat`."""
    kind: OrganisationKind
    """Decides which consent covers it."""


class OrganisationRead(Shape):
    """An organisation with the roles it holds, held and will hold."""

    id: UUID
    """Of the organisation, in every service."""
    code: str
    """Short and lasting."""
    name_vi: str
    """Official name."""
    name_en: str
    """Name for readers of English."""
    kind: OrganisationKind
    """Decides which consent covers it."""
    is_active: bool
    """Whether it exists still."""
    roles: list[HeldRole]
    """By role, area and first day."""
    source: str | None
    """Where the fact is from."""
    certainty: Certainty
    """How sure it is."""
    version: Version


class ProgrammeChange(Shape):
    """What may change about a programme, whole."""

    name_vi: Name
    """Official name."""
    name_en: Name
    """Name for readers of English."""
    codes: list[EntitlementCode] = Field(min_length=1, max_length=20)
    """The needs it serves."""
    area_codes: list[AreaCode] = Field(min_length=1, max_length=200)
    """Units it takes people from; 31 for the whole city."""
    capacity: int = Field(ge=0, le=100_000, description="Places.")
    languages: list[Language] = Field(default=["vi"], min_length=1, max_length=50)
    """Languages spoken there (BCP 47)."""
    minimum_age: Age | None = None
    """Youngest it takes; unset: no limit."""
    maximum_age: Age | None = None
    """Oldest it takes; unset: no limit."""
    staff_sex: Sex | None = None
    """Set when all who work there are of one sex."""
    is_active: bool = True
    """Whether anybody may be referred to it."""
    certainty: Certainty = Certainty.ASSUMED
    """How sure this is."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes, lists without repeats."""
        kept = self.model_dump(exclude={"organisation_id", "codes", "area_codes", "languages"})
        lists = {name: getattr(self, name) for name in ("codes", "area_codes", "languages")}
        return kept | {name: tuple(dict.fromkeys(values)) for name, values in lists.items()}


class ProgrammeCreate(ProgrammeChange):
    """A new programme; it stays with its organisation."""

    organisation_id: UUID
    """Whose programme it is."""


class ProgrammeRead(Shape):
    """A programme (an HSDS service). ``assured_at``: when this was last said to be so."""

    id: UUID
    """Of the programme, in every service."""
    organisation_id: UUID
    """Whose programme it is."""
    name_vi: str
    """Official name."""
    name_en: str
    """Name for readers of English."""
    codes: list[EntitlementCode]
    """The needs it serves."""
    area_codes: list[str]
    """Units it takes people from; 31 for the whole city."""
    capacity: int
    """Places."""
    languages: list[str]
    """Languages spoken there (BCP 47)."""
    minimum_age: int | None
    """Youngest it takes; unset: no limit."""
    maximum_age: int | None
    """Oldest it takes; unset: no limit."""
    staff_sex: Sex | None
    """Set when all who work there are of one sex."""
    assured_at: AwareDatetime
    """Nobody is referred to a programme that was not assured for 90 days."""
    is_active: bool
    """Whether anybody may be referred to it."""
    certainty: Certainty
    """How sure this is."""
    version: Version


class UnitRead(Shape):
    """An administrative unit from ``valid_from`` until before ``valid_to``."""

    code: str
    """Of the state's list: two digits a province, three a district, five a commune."""
    name: str
    """Official name."""
    kind: UnitKind
    """What kind of unit."""
    parent_code: str | None
    """The unit it lies in."""
    valid_from: date
    """The first day of this name, kind and parent."""
    valid_to: date | None
    """The first day it is no longer so; unset while it is."""
    source: str | None
    """The text that made it so."""


class SuccessionRead(Shape):
    """A unit went, wholly or in part, into another on a day."""

    old_code: str
    """The unit that went."""
    new_code: str
    """The unit it went into, wholly or in part."""
    changed_on: date
    """The day."""


class ClientChange(Shape):
    """A client's key as a JWK, public members only, and whether it may ask for tokens."""

    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(
        max_length=12,
        description="Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2).",
    )
    is_active: bool = True
    """A client that is not gets no tokens; those it has end within ten minutes."""


class ClientCreate(Shape):
    """A new client of an organisation."""

    client_id: ClientId
    """Chosen by you; lasting."""
    organisation_id: UUID
    """For whom it calls."""
    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(max_length=12)
    """Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2); never a private member."""


class ClientRead(Shape):
    """A client and its public key."""

    client_id: str
    """Its `iss` and `sub` in an assertion."""
    organisation_id: UUID
    """For whom it calls."""
    public_jwk: dict[str, Any]
    """What its assertions are checked with."""
    is_active: bool
    """Whether it gets tokens."""
    registered_at: AwareDatetime
    """When it was registered."""
    version: Version

    @computed_field  # type: ignore[prop-decorator]
    @property
    def thumbprint(self) -> str:
        """The name of the key by its content (RFC 7638)."""
        return thumbprint(self.public_jwk)


class EndpointCreate(Shape):
    """Where webhooks are sent: https, port 443, a public host name."""

    url: str = Field(min_length=1, max_length=500)
    """https, a public host name, port 443; no user, no fragment, no IP address."""


class EndpointRead(Shape):
    """A webhook endpoint, without its secret."""

    id: UUID
    """Of the endpoint; stays when the address is replaced."""
    organisation_id: UUID
    """Whose it is."""
    url: str
    """Where webhooks are posted."""
    status: EndpointStatus
    """Whether it is called."""
    reason: EndpointReason | None
    """Why it is not: `gone` when its receiver answered 410. Register it again to have it called."""
    secret_version: int
    """Grows with every registration; the secret before is signed with for a day more."""
    changed_at: AwareDatetime
    """When it was last registered or disabled."""


class EndpointRegistered(EndpointRead):
    """A webhook endpoint as registered: the only answer that holds its secret."""

    secret: str = Field(description="Standard Webhooks signing secret, `whsec_` and base64.")


class TokenRead(Shape):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    """A JWT (RFC 9068), sent as `Authorization: Bearer`."""
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750
    """`Bearer`."""
    expires_in: int = Field(description="Seconds.")
    scope: str | None = Field(default=None, description="The roles granted, space separated.")


class TokenError(Shape):
    """Why no token was issued (RFC 6749 section 5.2)."""

    error: str
    """A code of RFC 6749 section 5.2."""
    error_description: str
    """For the developer of the client."""


class KeySet(Shape):
    """The public keys access tokens are signed with (RFC 7517)."""

    keys: list[dict[str, Any]]
    """As JWKs (RFC 7517)."""


class OrganisationList(Shape):
    """A page of organisations."""

    items: list[OrganisationRead]
    """In the order of their ids."""
    next_cursor: Cursor = None


class ProgrammeList(Shape):
    """A page of programmes."""

    items: list[ProgrammeRead]
    """In the order of their ids."""
    next_cursor: Cursor = None


class UnitList(Shape):
    """A page of units in the order of their codes."""

    items: list[UnitRead]
    """In the order of their codes."""
    next_cursor: Cursor = None


class SuccessionList(Shape):
    """What a unit became; more than one on a day: it was split, and a person must be asked."""

    items: list[SuccessionRead]
    """Oldest change first."""
