"""What the directory tells: who exists, what they offer, where they are called."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.base import Message, Part
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import (
    AssuredBy,
    ChannelKind,
    EndpointStatus,
    EndpointTopic,
    EntitlementCode,
    OrganisationKind,
    Queue,
    Regime,
    Role,
    Sex,
)

TOKEN_PATH = "/directory/v1/token"  # noqa: S105 - an address
"""Where the callers of every service ask for access tokens."""
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""How a client shows there who it is (RFC 7523 section 2.2)."""
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name
"""What a console asks for in the name of a person (RFC 8693 section 2.1)."""
SESSION_TOKEN = "urn:nhipcau:token-type:session"  # noqa: S105 - the name of a type
"""What it gives for that: the token of the person's session (RFC 8693 section 3)."""


class DatedRole(Part):
    """A role held for an area from a day until before another (``None``: still held)."""

    role: Role
    area_code: str
    valid_from: date
    valid_to: date | None = None


class OrganisationChanged(Message):
    """An organisation, whole, as it now stands."""

    type: ClassVar[str] = "directory.organisation_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (
        Queue.INTAKE,
        Queue.VERIFICATION,
        Queue.LIVELIHOOD_SUPPORT,
        Queue.NOTIFICATION,
    )
    aggregate: ClassVar[str] = "organisation_id"

    organisation_id: UUID
    code: str
    kind: OrganisationKind
    roles: tuple[DatedRole, ...] = ()
    is_active: bool = True


class OfficerChanged(Message):
    """Whether somebody acts in cases for an organisation, whole: an account, by its id alone."""

    type: ClassVar[str] = "directory.officer_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "officer_id"

    officer_id: UUID
    organisation_id: UUID
    roles: tuple[DatedRole, ...] = ()
    """The roles of case owner that the person acts in; no other role is told."""
    is_active: bool = True


class ProgrammeChangedV1(Message):
    """A programme as it was told before anybody answered for it: it counts as not assured."""

    type: ClassVar[str] = "directory.programme_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "programme_id"

    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    codes: tuple[EntitlementCode, ...]
    area_codes: tuple[str, ...] = ()
    capacity: int
    languages: tuple[str, ...] = ("vi",)
    minimum_age: int | None = None
    maximum_age: int | None = None
    staff_sex: Sex | None = None
    assured_at: AwareDatetime
    is_active: bool = True


class ProgrammeChanged(Message):
    """A programme (an HSDS service), whole; nobody is sent there while nobody answers for it."""

    type: ClassVar[str] = "directory.programme_changed.v2"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "programme_id"

    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    codes: tuple[EntitlementCode, ...]
    area_codes: tuple[str, ...]
    capacity: int
    languages: tuple[str, ...] = ("vi",)
    has_interpreter: bool = False
    client_sexes: tuple[Sex, ...] = tuple(Sex)
    minimum_age: int | None = None
    maximum_age: int | None = None
    serves_children: bool = False
    staff_sexes: tuple[Sex, ...] = ()
    assured_at: AwareDatetime | None = None
    assured_by: AssuredBy | None = None
    is_active: bool = True


class EndpointChanged(Message):
    """Where an organisation receives webhooks. The secret is derived on both sides, never sent."""

    type: ClassVar[str] = "directory.endpoint_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "endpoint_id"

    endpoint_id: UUID
    organisation_id: UUID
    url: str
    status: EndpointStatus
    secret_version: int
    is_test: bool = False
    """Whether what is to be sent there is recorded, and leaves for nowhere."""
    topic: EndpointTopic | None = None
    """What it is for, for as long as it exists; unset: whatever no other endpoint takes."""


class ContactPointChanged(Message):
    """Where the office of an organisation is written to, whole; never the address of a person."""

    type: ClassVar[str] = "directory.contact_point_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "contact_point_id"

    contact_point_id: UUID
    organisation_id: UUID
    channel: ChannelKind
    mailbox: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None
    is_test: bool = False
    """Whether what is to be sent there is recorded, and leaves for nowhere."""


class ContactNumberChanged(Message):
    """The phone that an office's officer on duty carries, whole; never the number of a person."""

    type: ClassVar[str] = "directory.contact_number_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "contact_point_id"

    contact_point_id: UUID
    organisation_id: UUID
    number: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None
    is_test: bool = False
    """Whether what is to be sent there is recorded, and leaves for nowhere."""


class CitedLaw(Part):
    """Where in the law something stands: a text by its number, an article and a clause of it."""

    number: str
    article: int | None = None
    clause: int | None = None


class RuleChanged(Message):
    """A dated row was published, whole: it goes before those of the release from a day on."""

    type: ClassVar[str] = "directory.rule_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT, Queue.VERIFICATION, Queue.INTAKE)
    aggregate: ClassVar[str] = "rule_id"

    rule_id: UUID
    ordinal: int
    """Which row it was to be published, counted from one: a later one goes before an earlier."""
    key: PeriodKey
    regime: Regime | None = None
    """The law it belongs to; unset if it is the same under both."""
    amount: int | None = None
    """Unset where nobody has found a lawful period."""
    unit: Unit
    law: CitedLaw | None = None
    """The text it rests on; unset where it was chosen."""
    status: Certainty
    valid_from: date
    """The first day on which a period may begin by it."""
    applies_to_running: bool
    """Whether that day may have passed, so that what began since then is moved."""


class RuleProposed(Message):
    """Somebody asks how far a row would reach if it were published; nothing is changed by it."""

    type: ClassVar[str] = "directory.rule_proposed.v1"
    to: ClassVar[tuple[Queue, ...]] = RuleChanged.to
    aggregate: ClassVar[str] = "rule_id"

    rule_id: UUID
    key: PeriodKey
    regime: Regime | None = None
    """The law it belongs to; unset if it is the same under both."""
    amount: int | None = None
    """Unset where nobody has found a lawful period."""
    unit: Unit
    status: Certainty
    valid_from: date
    """The first day on which a period would begin by it."""
    applies_to_running: bool
    """Whether that day may have passed, so that what began since then would be moved."""
