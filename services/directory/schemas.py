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

from services.directory.policy import UnitKind, thumbprint
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
from shared.law import Certainty

Name = Annotated[str, Field(min_length=1, max_length=200), OneLine]
Note = Annotated[str, Field(min_length=1, max_length=500), OneLine]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,10}$")]
OrganisationCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
ClientId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$", max_length=64)
]
Age = Annotated[int, Field(ge=0, le=150, description="An age in completed years.")]
Version = Annotated[
    int, Field(description="The number in the ETag, which a change sends back as If-Match.")
]


class HeldRole(Shape):
    """A role held for an area from ``valid_from`` until before ``valid_to``."""

    role: Role
    """The role: what the organisation may do there."""
    area_code: AreaCode = Field(
        description="The code of the unit where it is held, or 31 for the whole city."
    )
    valid_from: date
    """The first day on which it is held."""
    valid_to: date | None = Field(
        default=None, description="The first day on which it is no longer held."
    )

    def dated(self) -> DatedRole:
        """As messages and policies know it."""
        return DatedRole(**self.model_dump())


class OrganisationChange(Shape):
    """What may change about an organisation, whole."""

    name_vi: Name
    """The official name, in Vietnamese."""
    name_en: Name
    """The name for readers of English."""
    is_active: bool = True
    """Whether the organisation still exists; one that does not is neither asked nor called, and
    gets no tokens.
    """
    roles: list[HeldRole] = Field(default_factory=list, max_length=200)
    """All roles it holds, has held and will hold; a role that is left out is deleted."""
    source: Note | None = Field(
        default=None, description="The source that these facts are taken from."
    )
    certainty: Certainty = Certainty.ASSUMED
    """How sure these facts are."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes."""
        kept = self.model_dump(include={"name_vi", "name_en", "is_active", "source", "certainty"})
        return {**kept, "roles": tuple(role.dated() for role in self.roles)}


class OrganisationCreate(OrganisationChange):
    """A new organisation; its code and its kind stay."""

    code: OrganisationCode
    """A short code that never changes, for example `cao-dang-ky-thuat`."""
    kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""


class OrganisationRead(Shape):
    """An organisation with the roles it holds, held and will hold."""

    id: UUID
    """The id of the organisation, the same in every service."""
    code: str
    """The short code, which never changes."""
    name_vi: str
    """The official name, in Vietnamese."""
    name_en: str
    """The name for readers of English."""
    kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""
    is_active: bool
    """Whether the organisation still exists."""
    roles: list[HeldRole]
    """Its roles, in the order of role, area and first day."""
    source: str | None
    """The source that these facts are taken from."""
    certainty: Certainty
    """How sure these facts are."""
    version: Version


class ProgrammeChange(Shape):
    """What may change about a programme, whole."""

    name_vi: Name
    """The official name, in Vietnamese."""
    name_en: Name
    """The name for readers of English."""
    codes: list[EntitlementCode] = Field(min_length=1, max_length=20)
    """The needs that it serves, as codes."""
    area_codes: list[AreaCode] = Field(min_length=1, max_length=200)
    """The units from which it takes people; 31 for the whole city."""
    capacity: int = Field(ge=0, le=100_000, description="How many places it has.")
    languages: list[Language] = Field(default=["vi"], min_length=1, max_length=50)
    """The languages that are spoken there (BCP 47)."""
    minimum_age: Age | None = None
    """The lowest age it takes; unset if there is no limit."""
    maximum_age: Age | None = None
    """The highest age it takes; unset if there is no limit."""
    staff_sex: Sex | None = None
    """The sex of all who work there, if they are of one sex."""
    is_active: bool = True
    """Whether people may be referred to it."""
    certainty: Certainty = Certainty.ASSUMED
    """How sure these facts are."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes, lists without repeats."""
        kept = self.model_dump(exclude={"organisation_id", "codes", "area_codes", "languages"})
        lists = {name: getattr(self, name) for name in ("codes", "area_codes", "languages")}
        return kept | {name: tuple(dict.fromkeys(values)) for name, values in lists.items()}


class ProgrammeCreate(ProgrammeChange):
    """A new programme; it stays with its organisation."""

    organisation_id: UUID
    """The organisation whose programme it is."""


class ProgrammeRead(Shape):
    """A programme (an HSDS service). ``assured_at``: when this was last said to be so."""

    id: UUID
    """The id of the programme, the same in every service."""
    organisation_id: UUID
    """The organisation whose programme it is."""
    name_vi: str
    """The official name, in Vietnamese."""
    name_en: str
    """The name for readers of English."""
    codes: list[EntitlementCode]
    """The needs that it serves, as codes."""
    area_codes: list[str]
    """The units from which it takes people; 31 for the whole city."""
    capacity: int
    """How many places it has."""
    languages: list[str]
    """The languages that are spoken there (BCP 47)."""
    minimum_age: int | None
    """The lowest age it takes; unset if there is no limit."""
    maximum_age: int | None
    """The highest age it takes; unset if there is no limit."""
    staff_sex: Sex | None
    """The sex of all who work there, if they are of one sex."""
    assured_at: AwareDatetime
    """When somebody last said that these facts are true. After 90 days without that nobody is
    referred to the programme.
    """
    is_active: bool
    """Whether people may be referred to it."""
    certainty: Certainty
    """How sure these facts are."""
    version: Version


class UnitRead(Shape):
    """An administrative unit from ``valid_from`` until before ``valid_to``."""

    code: str
    """The code in the state's list: two digits for a province, three for a district, five for a
    commune.
    """
    name: str
    """The official name, in Vietnamese."""
    kind: UnitKind
    """What kind of unit it is."""
    parent_code: str | None
    """The unit it lies in."""
    valid_from: date
    """The first day on which it had this name, kind and parent."""
    valid_to: date | None
    """The first day on which this is no longer so; unset while it is."""
    source: str | None
    """The legal text that made it so."""


class SuccessionRead(Shape):
    """A unit went, wholly or in part, into another on a day."""

    old_code: str
    """The code of the unit that was dissolved or gave something up."""
    new_code: str
    """The code of the unit that it went into, wholly or in part."""
    changed_on: date
    """The day of the change."""


class ClientChange(Shape):
    """A client's key as a JWK, public members only, and whether it may ask for tokens."""

    public_jwk: dict[Annotated[str, Field(max_length=20)], Any] = Field(
        max_length=12,
        description="The public key: Ed25519 (RFC 8037) or P-256 (RFC 7518 section 6.2).",
    )
    is_active: bool = True
    """Whether the client gets tokens. One that does not keeps those it has for ten minutes at most.
    """


class ClientCreate(Shape):
    """A new client of an organisation."""

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


class EndpointCreate(Shape):
    """Where webhooks are sent: https, port 443, a public host name."""

    url: str = Field(min_length=1, max_length=500)
    """The address: https, a public host name, port 443; without user, fragment or IP address."""


class EndpointRead(Shape):
    """A webhook endpoint, without its secret."""

    id: UUID
    """The id of the endpoint; it stays when the address is replaced."""
    organisation_id: UUID
    """The organisation whose endpoint it is."""
    url: str
    """The address to which webhooks are posted."""
    status: EndpointStatus
    """Whether webhooks are sent to it."""
    reason: EndpointReason | None
    """Why no webhooks are sent to it: `gone` if its receiver answered 410. Register it again to
    have them sent.
    """
    secret_version: int
    """The number of the secret, which grows with every registration. For one day after that
    webhooks are signed with the former secret as well.
    """
    changed_at: AwareDatetime
    """When the endpoint was last registered or disabled."""


class EndpointRegistered(EndpointRead):
    """A webhook endpoint as registered: the only answer that holds its secret."""

    secret: str = Field(
        description="The secret that webhooks are signed with: `whsec_` and base64."
    )


class TokenRead(Shape):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    """The token, a JWT (RFC 9068), to be sent as `Authorization: Bearer`."""
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750
    """The type of the token, always `Bearer`."""
    expires_in: int = Field(description="For how many seconds the token is valid.")
    scope: str | None = Field(default=None, description="The roles granted, with spaces between.")


class TokenError(Shape):
    """Why no token was issued (RFC 6749 section 5.2)."""

    error: str
    """The error, a code of RFC 6749 section 5.2."""
    error_description: str
    """What is wrong, for the developer of the client."""


class KeySet(Shape):
    """The public keys that access tokens are checked with (RFC 7517)."""

    keys: list[dict[str, Any]]
    """The keys as JWKs (RFC 7517)."""


class OrganisationList(Shape):
    """A page of organisations."""

    items: list[OrganisationRead]
    """The organisations of this page, in the order of their ids."""
    next_cursor: Cursor = None


class ProgrammeList(Shape):
    """A page of programmes."""

    items: list[ProgrammeRead]
    """The programmes of this page, in the order of their ids."""
    next_cursor: Cursor = None


class UnitList(Shape):
    """A page of units in the order of their codes."""

    items: list[UnitRead]
    """The units of this page, in the order of their codes."""
    next_cursor: Cursor = None


class SuccessionList(Shape):
    """What a unit became.

    Several changes on one day mean that it was split: ask the person where they live.
    """

    items: list[SuccessionRead]
    """The changes, oldest first."""
