"""Who asks: a system or a person of one organisation, with what it was granted there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID


class SubjectKind(StrEnum):
    """What a subject is."""

    CLIENT = "client"
    """A system that speaks for its organisation."""
    STAFF = "staff"
    """A person who acts for theirs."""


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
    """A client's id, or the account of a person as a UUID: never a name."""
    organisation_id: UUID
    organisation_kind: str
    grants: frozenset[Grant]
    means: Sequence[Means]
    authenticated_at: int
    """Seconds since 1970-01-01 UTC."""
    session_id: UUID | None = None
    """Where a person is logged in."""

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
        """Whose idempotency keys these are: a client's under its id, which has no colon."""
        return self.id if self.kind is SubjectKind.CLIENT else self.actor
