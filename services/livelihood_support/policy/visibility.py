"""Who may look at a referral: a case owner at all of them, an organisation at what it is asked."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.vocabulary import Role


@dataclass(frozen=True)
class Reader:
    """An organisation and the roles it holds."""

    organisation_id: UUID
    roles: frozenset[str]

    @property
    def is_case_owner(self) -> bool:
        """Whether the reader owns cases, and so sees every referral and may cancel it."""
        return Role.CASE_OWNER in self.roles
