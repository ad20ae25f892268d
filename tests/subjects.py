"""Who asks in a test."""

from collections.abc import Sequence
from uuid import UUID

from shared.kit.subjects import Grant, Means, Subject, SubjectKind


def somebody(
    organisation_id: UUID, *roles: str, areas: Sequence[str] = ("31",), client_id: str = "test"
) -> Subject:
    """A client of an organisation with each of these roles in each of these areas."""
    return Subject(
        kind=SubjectKind.CLIENT,
        id=client_id,
        organisation_id=organisation_id,
        organisation_kind="commune_committee",
        grants=frozenset(Grant(role, area) for role in roles for area in areas),
        means=(Means.ASSERTION,),
        authenticated_at=0,
    )
