"""Who asks to read: what a use case must know of a caller to decide what exists for it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Reader:
    """An organisation and the roles it holds."""

    organisation_id: UUID
    roles: frozenset[str]

    def holds(self, role: str) -> bool:
        """Whether the organisation holds this role."""
        return role in self.roles
