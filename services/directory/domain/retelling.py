"""What a service that joins is told of the directory: everything, whole, as it stands."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.directory.domain import (
    contact_points,
    endpoints,
    organisations,
    programmes,
    rules,
    staff,
)
from services.directory.models import (
    ContactPoint,
    Endpoint,
    Organisation,
    Programme,
    RuleProposal,
    Staff,
    StaffGrant,
)
from services.directory.policy import ProposalState
from shared.contracts import (
    ContactNumberChanged,
    ContactPointChanged,
    EndpointChanged,
    OfficerChanged,
    OrganisationChanged,
    ProgrammeChanged,
    RuleChanged,
)
from shared.contracts.vocabulary import Role
from shared.kit.arrays import among
from shared.messaging.retelling import Past

Kind = TypeVar("Kind", Organisation, Programme, Endpoint, ContactPoint, RuleProposal, Staff)


def _organisations(session: Session, ids: Sequence[UUID]) -> Sequence[OrganisationChanged]:
    found = session.scalars(_locked(Organisation, Organisation.id, ids))
    return [organisations.as_it_stands(it, it.changed_at) for it in found]


def _officers(session: Session, ids: Sequence[UUID]) -> Sequence[OfficerChanged]:
    found = session.scalars(_locked(Staff, Staff.id, ids))
    return [staff.as_it_stands(it, it.changed_at) for it in found]


def _programmes(session: Session, ids: Sequence[UUID]) -> Sequence[ProgrammeChanged]:
    found = session.scalars(_locked(Programme, Programme.id, ids))
    return [programmes.as_it_stands(it, it.changed_at) for it in found]


def _endpoints(session: Session, ids: Sequence[UUID]) -> Sequence[EndpointChanged]:
    found = session.scalars(_locked(Endpoint, Endpoint.id, ids))
    return [endpoints.as_it_stands(it, it.changed_at) for it in found]


def _contact_points(
    session: Session, ids: Sequence[UUID]
) -> Sequence[ContactPointChanged | ContactNumberChanged]:
    found = session.scalars(_locked(ContactPoint, ContactPoint.id, ids))
    return [contact_points.as_it_stands(it, it.valid_to or it.valid_from) for it in found]


def _rules(session: Session, ids: Sequence[UUID]) -> Sequence[RuleChanged]:
    found = session.scalars(_locked(RuleProposal, RuleProposal.id, ids)).all()
    return rules.as_it_stands(session, found)


def _locked(
    kind: type[Kind], key: InstrumentedAttribute[UUID], ids: Sequence[UUID]
) -> Select[Kind]:
    return (
        select(kind)
        .where(among(key, ids))
        .order_by(key)
        .with_for_update(of=kind)
        .execution_options(populate_existing=True)
    )


_IS_PUBLISHED = RuleProposal.state == ProposalState.PUBLISHED
_IS_OFFICER = exists().where(StaffGrant.staff_id == Staff.id, StaffGrant.role == Role.CASE_OWNER)
PASTS = (
    Past((OrganisationChanged,), Organisation.id, _organisations),
    Past((OfficerChanged,), Staff.id, _officers, among=_IS_OFFICER),
    Past((ProgrammeChanged,), Programme.id, _programmes),
    Past((EndpointChanged,), Endpoint.id, _endpoints),
    Past((ContactPointChanged, ContactNumberChanged), ContactPoint.id, _contact_points),
    Past((RuleChanged,), RuleProposal.id, _rules, among=_IS_PUBLISHED),
)
"""Organisations first: whatever else there is belongs to one."""
