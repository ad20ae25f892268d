"""Whose an actor is that the audit names: of which organisation, and who, if it is a person."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.models import Client, Organisation, Staff
from services.directory.policy import StaffVault
from shared.forms import is_id
from shared.kit.arrays import among
from shared.kit.subjects import SubjectKind


@dataclass(frozen=True)
class Actor:
    """A system or a person, as the audit names it."""

    actor: str
    organisation: Organisation
    display_name: str | None
    """Unset for a system, and for an office that answered from a mail."""


def find_actors(session: Session, actors: Collection[str], *, vault: StaffVault) -> list[Actor]:
    """Those of these that the directory knows, in the order of how they are named."""
    found = [
        *_systems(session, actors),
        *_people(session, actors, vault),
        *_offices(session, actors),
    ]
    return sorted(found, key=lambda each: each.actor)


def _systems(session: Session, actors: Collection[str]) -> Iterator[Actor]:
    ids = _ids(actors, SubjectKind.CLIENT)
    for client in session.scalars(select(Client).where(among(Client.client_id, ids))):
        yield Actor(f"{SubjectKind.CLIENT}:{client.client_id}", client.organisation, None)


def _people(session: Session, actors: Collection[str], vault: StaffVault) -> Iterator[Actor]:
    ids = {UUID(each) for each in _ids(actors, SubjectKind.STAFF) if is_id(each)}
    for staff in session.scalars(select(Staff).where(among(Staff.id, ids))):
        named = vault.open(staff.identity, staff_id=staff.id)
        yield Actor(f"{SubjectKind.STAFF}:{staff.id}", staff.organisation, named.display_name)


def _offices(session: Session, actors: Collection[str]) -> Iterator[Actor]:
    ids = {UUID(each) for each in _ids(actors, SubjectKind.OFFICE) if is_id(each)}
    for organisation in session.scalars(select(Organisation).where(among(Organisation.id, ids))):
        yield Actor(f"{SubjectKind.OFFICE}:{organisation.id}", organisation, None)


def _ids(actors: Collection[str], kind: SubjectKind) -> set[str]:
    prefix = f"{kind}:"
    return {each.removeprefix(prefix) for each in actors if each.startswith(prefix)}
