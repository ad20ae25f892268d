"""What a subject sees of notices; of the cases that came of them, those it may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import reached_notices
from services.intake.domain.reading import visible_cases
from services.intake.errors import AdvanceNoticeNotFound
from services.intake.models import AdvanceNotice, Case, ExpectedPersonRow
from shared.access import Permission
from shared.contracts.vocabulary import ExpectedStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class NoticeView:
    """A notice with its people, and the codes of those cases of it that the subject may read."""

    notice: AdvanceNotice
    people: Sequence[ExpectedPersonRow]
    codes: dict[UUID, str]

    def count(self, status: ExpectedStatus) -> int:
        """How many of the people stand so."""
        return sum(each.status == status for each in self.people)


def find_notices(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    is_open: bool,
    after: UUID | None,
    size: int,
) -> Sequence[AdvanceNotice]:
    """The notices there are for a subject, newest first; or those alone that expect somebody."""
    is_reached = reached_notices(session, subject, Permission.ADVANCE_NOTICE_READ, now)
    asked = select(AdvanceNotice).where(is_reached).order_by(AdvanceNotice.id.desc()).limit(size)
    if is_open:
        asked = asked.where(AdvanceNotice.cancelled_at.is_(None), expects_somebody())
    if after is not None:
        asked = asked.where(AdvanceNotice.id < after)
    return session.scalars(asked).all()


def expects_somebody() -> ColumnElement[bool]:
    """Whether anybody of a notice is expected still."""
    return exists().where(
        ExpectedPersonRow.notice_id == AdvanceNotice.id,
        ExpectedPersonRow.status == ExpectedStatus.EXPECTED,
    )


def find_notice(
    session: Session, notice_id: UUID, *, subject: Subject, now: datetime
) -> AdvanceNotice:
    """One of them; raises ``AdvanceNoticeNotFound``."""
    is_reached = reached_notices(session, subject, Permission.ADVANCE_NOTICE_READ, now)
    asked = select(AdvanceNotice).where(AdvanceNotice.id == notice_id, is_reached)
    found = session.scalar(asked)
    if found is None:
        raise AdvanceNoticeNotFound
    notice: AdvanceNotice = found
    return notice


def show_notices(
    session: Session, found: Sequence[AdvanceNotice], *, subject: Subject, now: datetime
) -> list[NoticeView]:
    """Each with its people; two statements for all."""
    rows = session.scalars(
        select(ExpectedPersonRow)
        .where(among(ExpectedPersonRow.notice_id, [each.id for each in found]))
        .order_by(ExpectedPersonRow.notice_id, ExpectedPersonRow.number)
        .execution_options(populate_existing=True)
    ).all()
    became = [each.case_id for each in rows if each.case_id is not None]
    asked = visible_cases(subject, Permission.CASE_READ, local_date(now))
    read = session.scalars(asked.where(among(Case.id, became)))
    codes = {each.id: each.code for each in read}
    return [
        NoticeView(each, [it for it in rows if it.notice_id == each.id], codes) for each in found
    ]
