"""Who asks: a system, a person or the office of an organisation, with what it was granted there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

FOR_DUTIES = "/duties"
"""What is added to the audience of a token by which duties are read and nothing else. A service
that does not know it refuses the token, as one that is for somebody else.
"""


class SubjectKind(StrEnum):
    """What a subject is."""

    CLIENT = "client"
    """A system that speaks for its organisation."""
    STAFF = "staff"
    """A person who acts for theirs."""
    OFFICE = "office"
    """Whoever has the link of a mail to an office and the code agreed with it (ADR 0053)."""


class Means(StrEnum):
    """How a subject showed who it is (RFC 8176, where it has a name there)."""

    ASSERTION = "pop"
    """A system proved that it holds its private key."""
    PASSWORD = "pwd"  # noqa: S105 - the name of a means, not a password
    ONE_TIME_CODE = "otp"
    PASSKEY = "hwk"
    RECOVERY_CODE = "rc"
    OUTSIDE = "fed"
    """An identity provider of the organisation vouched for it."""
    AGREED_CODE = "code"
    """A link that was sent to the office, and the code that was agreed with it."""


@dataclass(frozen=True, order=True)
class Grant:
    """One role in one area; roles and areas are never told apart from each other."""

    role: str
    area: str


@dataclass(frozen=True)
class Subject:
    """Who asks, as their access token says."""

    kind: SubjectKind
    id: str
    """A client's id, the account of a person, or the organisation of an office: never a name."""
    organisation_id: UUID
    organisation_kind: str
    grants: frozenset[Grant]
    means: Sequence[Means]
    authenticated_at: int
    """Seconds since 1970-01-01 UTC."""
    session_id: UUID | None = None
    """Where a person is logged in."""
    bound_to: UUID | None = None
    """The one thing that an office reaches; unset for everybody else."""
    is_for_duties: bool = False
    """Whether nothing but duties may be read: by notification, which writes them to whoever has
    them (ADR 0057).
    """

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held in some area."""
        return frozenset(grant.role for grant in self.grants)

    def areas_of(self, role: str) -> frozenset[str]:
        """Where a role is held."""
        return frozenset(grant.area for grant in self.grants if grant.role == role)

    @property
    def actor(self) -> str:
        """How the audit names the subject."""
        return f"{self.kind}:{self.id}"

    @property
    def key_owner(self) -> str:
        """Whose idempotency keys these are: a client's under its id, which has no colon.

        What an office was answered about one thing is answered to nobody bound to another.
        """
        if self.kind is SubjectKind.CLIENT:
            return self.id
        return self.actor if self.bound_to is None else f"{self.actor}:{self.bound_to}"
