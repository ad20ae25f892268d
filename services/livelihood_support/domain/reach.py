"""Which cases and offers there are for a subject: a case owner's by area, a provider's own offers.

Lists, single reads and moves ask here, so that none shows what another refuses. Who decides for a
person is asked more finely (``owning.py``): of several that reach a case one owns it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.orm import Session

from services.livelihood_support.errors import CaseNotFound
from services.livelihood_support.models import CaseFile, Offer
from services.livelihood_support.policy import ANSWERS, EVERY_MOVE, Move
from shared.access import Permission, visible
from shared.access.columns import PlaceColumns
from shared.contracts.vocabulary import Role
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.subjects import Subject

# As ``LockedCase.area_on`` has it.
_RECEIVED_ON = cast(func.timezone(HAI_PHONG.key, CaseFile.received_at), Date)
PLACE = PlaceColumns(CaseFile.area_code, func.coalesce(CaseFile.area_told_on, _RECEIVED_ON))


def owned(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    """Whether a case is reached as by a case owner: by area, or because it was handed to it."""
    sight = visible(subject, permission, through=Role.CASE_OWNER)
    return sight.reaches(on=local_date(now), assigned=[CaseFile.responsible_id], place=PLACE)


def reached(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    """Whether what belongs to a case is reached: as by a case owner, or by who reaches all."""
    sight = visible(subject, permission)
    return sight.reaches(on=local_date(now), assigned=[CaseFile.responsible_id], place=PLACE)


def asked(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """Whether an offer is reached as by a provider: its organisation was asked."""
    sight = visible(subject, permission, through=Role.PROVIDER)
    return sight.reaches(assigned=[Offer.organisation_id], thing=Offer.id)


def moves_of(subject: Subject) -> Collection[Move]:
    """What a subject may do at all with what it reaches: an office that has a mail answers."""
    return EVERY_MOVE if subject.bound_to is None else ANSWERS


def check_reach(
    session: Session, case_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> None:
    """Refuse, as if it was not there, a case that the subject does not reach."""
    is_reached = owned(subject, permission, now)
    query = select(CaseFile.case_id).where(CaseFile.case_id == case_id, is_reached)
    if session.scalar(query) is None:
        raise CaseNotFound
