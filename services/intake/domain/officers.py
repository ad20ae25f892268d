"""Who acts in cases for which organisation, as the directory tells it: accounts by their ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from services.intake.errors import OfficerUnfit
from services.intake.models import Officer, OfficerEnd
from services.intake.policy import gone_at
from shared.access import Permission, visible
from shared.contracts.directory import DatedRole
from shared.kit.arrays import among
from shared.kit.documents import insert_rows
from shared.kit.subjects import Subject, SubjectKind


@dataclass(frozen=True)
class OfficerFacts:
    """Somebody who acts in cases, whole, as it now stands."""

    officer_id: UUID
    organisation_id: UUID
    roles: tuple[DatedRole, ...]
    is_active: bool
    told_at: datetime


def note_officers(session: Session, *, officers: Sequence[OfficerFacts]) -> None:
    """Keep the roles of these as last told, and from when they act in no case any more.

    Whoever is inactive holds none.
    """
    ids = [facts.officer_id for facts in officers]
    session.execute(delete(Officer).where(among(Officer.officer_id, ids)))
    session.execute(delete(OfficerEnd).where(among(OfficerEnd.officer_id, ids)))
    insert_rows(session, OfficerEnd, [_end(facts) for facts in officers])
    rows = [
        {
            "officer_id": facts.officer_id,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
            "organisation_id": facts.organisation_id,
        }
        for facts in officers
        if facts.is_active
        for held in facts.roles
    ]
    insert_rows(session, Officer, rows)


def _end(facts: OfficerFacts) -> Mapping[str, Any]:
    end = gone_at(facts.roles, is_active=facts.is_active, told_at=facts.told_at)
    return {"officer_id": facts.officer_id, "gone_at": end}


def officer_gone_at(session: Session, officer_id: UUID | None, *, now: datetime) -> datetime | None:
    """Since when whoever is named acts in no case any more; unset while they do.

    Of whom nobody has told, nothing is known.
    """
    if officer_id is None:
        return None
    gone = select(OfficerEnd.gone_at).where(
        OfficerEnd.officer_id == officer_id, OfficerEnd.gone_at <= now
    )
    return session.scalar(gone)


def check_officer(
    session: Session,
    officer_id: UUID | None,
    *,
    organisation_id: UUID | None,
    subject: Subject,
    on: date,
) -> None:
    """Refuse an officer who acts in no case of the organisation on a day: ``OfficerUnfit``.

    Whoever asks and names themselves in their own organisation has shown it by asking.
    """
    if officer_id is None or _is_asking(subject, officer_id, organisation_id):
        return
    acts = select(Officer.officer_id).where(
        Officer.officer_id == officer_id,
        Officer.organisation_id == organisation_id,
        Officer.valid_from <= on,
        or_(Officer.valid_to.is_(None), Officer.valid_to > on),
    )
    if session.scalar(acts.limit(1)) is None:
        raise OfficerUnfit


def _is_asking(subject: Subject, officer_id: UUID, organisation_id: UUID | None) -> bool:
    is_person = subject.kind is SubjectKind.STAFF and subject.id == str(officer_id)
    own = visible(subject, Permission.OFFICER_READ)
    return is_person and organisation_id is not None and own.owns(organisation_id)
