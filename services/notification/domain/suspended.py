"""Why what is to be sent to an organisation waits: who said so, of what, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.models import Endpoint, Organisation, SendingChannel, Suspendable
from services.notification.policy import SuspendedPart
from shared.kit.arrays import among


@dataclass(frozen=True)
class Suspension:
    """One of what keeps deliveries waiting."""

    part: SuspendedPart
    suspended_at: datetime
    suspended_by: str
    suspension_reason: str


def suspensions_of(
    session: Session, endpoints: Mapping[UUID, Sequence[Endpoint]]
) -> Mapping[UUID, Sequence[Suspension]]:
    """By organisation all that keeps something from it, given the endpoints at which it is told."""
    of_organisations = session.scalars(
        select(Organisation).where(
            among(Organisation.organisation_id, list(endpoints)),
            Organisation.suspended_at.is_not(None),
        )
    )
    of_channels = session.scalars(
        select(SendingChannel).where(SendingChannel.suspended_at.is_not(None))
    )
    organisations = {each.organisation_id: each for each in of_organisations}
    channels = {each.channel: each for each in of_channels}
    return {
        organisation_id: _given(
            (SuspendedPart.ORGANISATION, organisations.get(organisation_id)),
            *((SuspendedPart.CHANNEL, channels.get(it)) for it in dict.fromkeys(_ways(told_at))),
            *((SuspendedPart.ENDPOINT, each) for each in told_at),
        )
        for organisation_id, told_at in endpoints.items()
    }


def _ways(endpoints: Sequence[Endpoint]) -> Sequence[str]:
    return [each.channel for each in endpoints]


def _given(*parts: tuple[SuspendedPart, Suspendable | None]) -> list[Suspension]:
    return [
        Suspension(
            part=part,
            suspended_at=it.suspended_at,
            suspended_by=it.suspended_by or "",
            suspension_reason=it.suspension_reason or "",
        )
        for part, it in parts
        if it is not None and it.suspended_at is not None
    ]
