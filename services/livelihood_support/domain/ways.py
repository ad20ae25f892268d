"""What stays open to somebody who was not identified: offered by the case owner, taken or not.

It rests on no identification, so a negative decision ends nothing of it. These are no codes of the
two laws: nothing is matched and no programme is asked, the case owner brings the person there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.owning import lock_own, owned_by
from services.livelihood_support.domain.reach import PLACE, check_reach, owned
from services.livelihood_support.domain.reversals import Conclusion
from services.livelihood_support.errors import WayNotFound, WaySettled
from services.livelihood_support.models import CaseFile, OfferedWay
from services.livelihood_support.policy import Duty, WayMove, ways_for
from shared.access import Permission
from shared.contracts.vocabulary import VerificationOutcome
from shared.duties import About, duty
from shared.kit import audit
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.kit.identifiers import id_of
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version

_IS_OPEN = OfferedWay.outcome.is_(None)
_IS_DUE = CaseFile.verification_outcome == VerificationOutcome.NOT_IDENTIFIED
"""Identified after all, the person has a plan, and nobody need be offered anything instead."""


def offer_ways(
    session: Session,
    conclusions: Sequence[Conclusion],
    cases: Mapping[UUID, LockedCase],
    now: datetime,
) -> None:
    """Keep what is to be offered to whoever was not identified; once, however often it is said."""
    rows = [
        {
            "id": id_of(each.case_id, f"way {way}"),
            "case_id": each.case_id,
            "way": way,
            "offered_at": now,
            "version": 1,
        }
        for each in conclusions
        if each.outcome is VerificationOutcome.NOT_IDENTIFIED
        for way in ways_for(cases[each.case_id].age_band)
    ]
    insert_rows(session, OfferedWay, rows, conflict=ON_CONFLICT_DO_NOTHING)


def find_ways(
    session: Session, *, case_id: UUID, subject: Subject, now: datetime
) -> list[OfferedWay]:
    """What is offered in a case that the subject reaches, and what the person said to it."""
    check_reach(session, case_id, subject, Permission.NEED_READ, now)
    rows = session.scalars(
        select(OfferedWay)
        .join(CaseFile, CaseFile.case_id == OfferedWay.case_id)
        .where(OfferedWay.case_id == case_id, _IS_DUE | ~_IS_OPEN)
        .order_by(OfferedWay.way)
    )
    return list(rows)


def settle_way(
    session: Session,
    *,
    case_id: UUID,
    way_id: UUID,
    move: WayMove,
    expected_version: Expected,
    subject: Subject,
    now: datetime,
) -> OfferedWay:
    """Keep what the person said to a way on.

    Refused: not there, or of a case that another organisation owns; another version than was read;
    said already.
    """
    lock_own(session, case_id, subject, Permission.NEED_CHANGE, now)
    found = select(OfferedWay).where(OfferedWay.id == way_id, OfferedWay.case_id == case_id)
    way = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if way is None:
        raise WayNotFound
    check_version(way.version, expected_version)
    if way.outcome is not None:
        raise WaySettled(outcome=way.outcome)
    way.outcome, way.settled_at, way.settled_by = move, now, subject.actor
    way.version += 1
    session.flush()
    audit.record(
        session,
        actor=subject.actor,
        action=f"way_on.{move}",
        object_id=way.id,
        now=now,
        case_id=str(case_id),
        way=way.way,
    )
    return way


def ways_to_offer(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What the case owner has not asked the person about yet."""
    about = About(
        case_id=CaseFile.case_id,
        case_code=CaseFile.code,
        age_band=CaseFile.age_band,
        sex=CaseFile.sex,
        area_code=CaseFile.area_code,
        area_on=PLACE.told_on,
    )
    return (
        duty(
            literal(str(Duty.OFFER_WAY_ON)),
            subject="way_on",
            object_id=OfferedWay.id,
            about=about,
            since=OfferedWay.offered_at,
            link=func.concat("cases/", OfferedWay.case_id, "/ways-on"),
        )
        .join_from(OfferedWay, CaseFile, CaseFile.case_id == OfferedWay.case_id)
        .where(
            _IS_OPEN,
            _IS_DUE,
            owned(subject, Permission.NEED_CHANGE, now),
            owned_by(session, subject.organisation_id, now),
        )
    )
