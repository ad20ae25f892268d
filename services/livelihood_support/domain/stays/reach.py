"""Which stays there are for a subject: a facility's own, a case owner's by the case.

Nobody else learns that somebody stays in a facility: no school, no bank, no receiver.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.owning import check_owner, owners_of
from services.livelihood_support.domain.reach import owned
from services.livelihood_support.errors import StayNotFound
from services.livelihood_support.models import CaseFile, Stay
from services.livelihood_support.policy import StayParty
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Subject


def stay_reached_as(
    subject: Subject, permission: Permission, now: datetime
) -> Mapping[StayParty, ColumnElement[bool]]:
    """For each party whether a stay is reached as it, whatever else the subject is."""
    housing = visible(subject, permission, through=Role.FACILITY)
    return {
        StayParty.FACILITY: housing.reaches(assigned=[Stay.facility_id]),
        StayParty.CASE_OWNER: owned(subject, permission, now),
    }


def readable_stays(subject: Subject, now: datetime) -> Select[Any]:
    """The stays that a subject may read."""
    reached = stay_reached_as(subject, Permission.STAY_READ, now)
    return (
        select(Stay).join(CaseFile, CaseFile.case_id == Stay.case_id).where(or_(*reached.values()))
    )


def lock_stay(
    session: Session, stay_id: UUID, subject: Subject, now: datetime
) -> tuple[Stay, CaseFile, frozenset[StayParty]]:
    """A stay under the lock of its case, the file of that, and as what the subject moves it.

    Refused: a stay that is not there for the subject; one of a case that another organisation owns
    today, for whoever reaches it as a case owner alone.
    """
    reached = stay_reached_as(subject, Permission.STAY_MOVE, now)
    is_this = (Stay.id == stay_id, or_(*reached.values()))
    found = (
        select(Stay, CaseFile, *(each.label(party) for party, each in reached.items()))
        .join(CaseFile, CaseFile.case_id == Stay.case_id)
        .where(*is_this)
        .execution_options(populate_existing=True)
    )
    before = session.execute(found).one_or_none()
    if before is None:
        raise StayNotFound
    case = lock_cases(session, [before[0].case_id])[before[0].case_id]
    # Read again under the lock: somebody may have moved it in between.
    stay, case_file, *is_reached = session.execute(found).one()
    parties = frozenset(compress(reached, is_reached))
    if not owners_of(session, now).own(case, subject.organisation_id):
        parties -= {StayParty.CASE_OWNER}
    if not parties:
        check_owner(session, case, subject.organisation_id, now)
    return stay, case_file, parties
