"""The people come, each as a case, or they do not: nobody stays expected without an end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import lock_notice, people_of, statuses_of
from services.intake.domain.advance_notices.telling import note_move
from services.intake.domain.reading import visible_cases
from services.intake.errors import CaseFromNotice, CaseNotFound, NoticeRouteUnfit
from services.intake.models import AdvanceNotice, Case, ExpectedPersonRow, KeptApart
from services.intake.policy import AbsenceReason, NoticeMove, check_settling
from shared.access import Permission
from shared.contracts.vocabulary import ExpectedStatus, Route
from shared.kit.clock import local_date
from shared.kit.errors import DomainError
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class NoticeMet:
    """The person of a notice that a case is, and who says so."""

    notice_id: UUID
    number: int
    subject: Subject


def receive_by_hand(
    session: Session, met: NoticeMet, case_id: UUID, *, now: datetime
) -> AdvanceNotice:
    """A case that was submitted already is somebody who was expected.

    Refused: a notice, or a case, that is not the subject's to see; one that was cancelled; a number
    of nobody, or of somebody received before; a case that is somebody expected already, or came by
    another route.
    """
    notice, person = _lock_person(session, met, ExpectedStatus.RECEIVED, now)
    asked = visible_cases(met.subject, Permission.CASE_READ, local_date(now))
    case = session.scalar(asked.where(Case.id == case_id))
    if case is None:
        raise CaseNotFound
    _check_route(notice, Route(case.route))
    if session.scalar(select(exists().where(ExpectedPersonRow.case_id == case_id))):
        raise CaseFromNotice
    _receive(session, notice, person, case_id, actor=met.subject.actor, now=now)
    return notice


def miss(
    session: Session, met: NoticeMet, reason: AbsenceReason, *, now: datetime
) -> AdvanceNotice:
    """Somebody who was expected did not come; refused as above."""
    notice, person = _lock_person(session, met, ExpectedStatus.ABSENT, now)
    person.status, person.reason, person.settled_at = ExpectedStatus.ABSENT, reason, now
    notice.version += 1
    note_move(
        session,
        notice,
        NoticeMove.MISS,
        actor=met.subject.actor,
        now=now,
        number=met.number,
        reason=reason,
    )
    return notice


@dataclass
class NoticesMet:
    """The notices of cases that are submitted together: locked by id, before any case is stored."""

    session: Session
    met: Sequence[NoticeMet]
    now: datetime
    _taken: dict[tuple[UUID, int], tuple[NoticeMet, UUID]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.met = sorted(self.met, key=lambda each: (each.notice_id, each.number))
        for each in self.met:
            try:
                lock_notice(self.session, each.notice_id, each.subject, self.now)
            except DomainError:
                # Said of the one submission that names it, and touches none of its neighbours.
                continue

    def refusal(self, met: NoticeMet, case_id: UUID, route: Route) -> DomainError | None:
        """Why a case is not taken for somebody of a notice; otherwise it is from now on."""
        try:
            notice, _ = _lock_person(self.session, met, ExpectedStatus.RECEIVED, self.now)
            _check_route(notice, route)
            taken = {number for notice_id, number in self._taken if notice_id == met.notice_id}
            statuses = dict.fromkeys(taken, ExpectedStatus.RECEIVED)
            check_settling(
                {met.number: ExpectedStatus.EXPECTED, **statuses},
                met.number,
                ExpectedStatus.RECEIVED,
                is_cancelled=False,
            )
        except DomainError as refusal:
            return refusal
        self._taken[met.notice_id, met.number] = (met, case_id)
        return None

    def end(self, stored: Collection[UUID]) -> None:
        """Link those cases that were stored."""
        taken = [each for each in self._taken.values() if each[1] in stored]
        for met, case_id in taken:
            notice, person = _lock_person(self.session, met, ExpectedStatus.RECEIVED, self.now)
            _receive(self.session, notice, person, case_id, actor=met.subject.actor, now=self.now)


def _lock_person(
    session: Session, met: NoticeMet, to: ExpectedStatus, now: datetime
) -> tuple[AdvanceNotice, ExpectedPersonRow]:
    notice = lock_notice(session, met.notice_id, met.subject, now)
    people = people_of(session, notice.id)
    is_cancelled = notice.cancelled_at is not None
    check_settling(statuses_of(people), met.number, to, is_cancelled=is_cancelled)
    return notice, people[met.number]


def _check_route(notice: AdvanceNotice, route: Route) -> None:
    if notice.route != route:
        raise NoticeRouteUnfit(route=notice.route)


def _receive(
    session: Session,
    notice: AdvanceNotice,
    person: ExpectedPersonRow,
    case_id: UUID,
    *,
    actor: str,
    now: datetime,
) -> None:
    person.status, person.case_id = ExpectedStatus.RECEIVED, case_id
    person.reason, person.settled_at = None, now
    notice.version += 1
    session.flush()
    _follow(session, notice.id)
    note_move(
        session,
        notice,
        NoticeMove.RECEIVE,
        actor=actor,
        now=now,
        number=person.number,
        case_id=str(case_id),
    )


def _follow(session: Session, notice_id: UUID) -> None:
    """Whoever is kept apart by number is so as a case, once both are one."""
    people = people_of(session, notice_id)
    pairs = session.scalars(
        select(KeptApart).where(
            KeptApart.notice_id == notice_id,
            KeptApart.first_case_id.is_(None),
            KeptApart.ended_at.is_(None),
        )
    )
    for each in pairs:
        first, second = (people[it or 0].case_id for it in (each.first_number, each.second_number))
        if first is not None and second is not None:
            each.first_case_id, each.second_case_id = first, second
