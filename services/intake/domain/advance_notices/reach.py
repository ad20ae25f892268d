"""Which notices there are for a subject: those it gave, and those of a place whose cases it owns.

Of several who hold a place alike one owns its cases, and reads; nobody else does.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.errors import AdvanceNoticeNotFound
from services.intake.models import AdvanceNotice, ExpectedPersonRow
from shared.access import Permission, visible
from shared.access.columns import PlaceColumns
from shared.contracts.vocabulary import ExpectedStatus, Role
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.places.holders import holding_of

PLACE = PlaceColumns(AdvanceNotice.unit_code, AdvanceNotice.unit_on)


def given_by(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """The notices that the subject's organisation gave."""
    return visible(subject, permission).reaches(own=[AdvanceNotice.announcer_id])


def owned_by(
    session: Session, subject: Subject, permission: Permission, now: datetime
) -> ColumnElement[bool]:
    """Those of places whose cases the subject's organisation owns today."""
    today = local_date(now)
    sight = visible(subject, permission, through=Role.CASE_OWNER)
    held = holding_of(tenures(session, Role.CASE_OWNER), subject.organisation_id, on=today)
    return and_(sight.reaches(on=today, place=PLACE), PLACE.are_held(held))


def reached_notices(
    session: Session, subject: Subject, permission: Permission, now: datetime
) -> ColumnElement[bool]:
    """The notices that exist for a subject who asks with a permission."""
    return or_(given_by(subject, permission), owned_by(session, subject, permission, now))


def lock_notice(
    session: Session, notice_id: UUID, subject: Subject, now: datetime
) -> AdvanceNotice:
    """A notice only this transaction may change; raises ``AdvanceNoticeNotFound``."""
    permission = Permission.ADVANCE_NOTICE_CHANGE
    is_reached = reached_notices(session, subject, permission, now)
    asked = select(AdvanceNotice).where(AdvanceNotice.id == notice_id, is_reached)
    found = session.scalar(asked.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise AdvanceNoticeNotFound
    notice: AdvanceNotice = found
    return notice


def people_of(session: Session, notice_id: UUID) -> dict[int, ExpectedPersonRow]:
    """The people of a locked notice, by number."""
    asked = (
        select(ExpectedPersonRow)
        .where(ExpectedPersonRow.notice_id == notice_id)
        .order_by(ExpectedPersonRow.number)
        .execution_options(populate_existing=True)
    )
    return {each.number: each for each in session.scalars(asked)}


def statuses_of(people: dict[int, ExpectedPersonRow]) -> dict[int, ExpectedStatus]:
    """How each of them stands."""
    return {number: ExpectedStatus(each.status) for number, each in people.items()}
