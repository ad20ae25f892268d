"""Lists of who is kept apart: of one case, and of one notice; why stands in neither."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reading import find_notice
from services.intake.domain.apart_sight import ApartReader, ApartView, Standing, cases_of
from services.intake.domain.kept_apart import live_of
from services.intake.errors import CaseNotFound
from services.intake.models import KeptApart
from services.intake.policy import is_shown
from shared.access import Permission
from shared.kit.subjects import Subject


def find_apart_of_case(
    session: Session, case_id: UUID, *, subject: Subject, now: datetime
) -> list[ApartView]:
    """Whether the person of a case is kept apart from somebody; raises ``CaseNotFound``."""
    reader = ApartReader(session, subject, Permission.KEPT_APART_READ, now)
    this = reader.standings([case_id]).get(case_id)
    if this is None or not this.is_seen:
        raise CaseNotFound
    is_of_case = or_(KeptApart.first_case_id == case_id, KeptApart.second_case_id == case_id)
    found = live_of(session, is_of_case)
    standings, whole = reader.standings(cases_of(found)), reader.sees_whole(found)
    seen = (_of_case(reader, case_id, each, standings, is_whole=whole[each.id]) for each in found)
    return [each for each in seen if each is not None]


def _of_case(
    reader: ApartReader,
    case_id: UUID,
    apart: KeptApart,
    standings: Mapping[UUID, Standing],
    *,
    is_whole: bool,
) -> ApartView | None:
    pair = (apart.first_case_id, apart.second_case_id)
    other_id = next(each for each in pair if each is not None and each != case_id)
    sight = reader.sight(case_id, other_id, standings)
    is_told = reader.told(apart)
    as_facility = not standings[case_id].is_owned
    if not is_told and (sight is None or not is_shown(sight, as_facility=as_facility)):
        return None
    other = standings[other_id]
    is_named = other.is_seen and is_whole
    return ApartView(
        apart.id,
        apart.told_at,
        None,
        other_id if is_named else None,
        other.code if is_named else None,
        is_same_house=sight is not None and sight.is_same_house,
        may_open=is_whole,
        may_end=_may_end(reader, [apart])[apart.id],
    )


def find_apart_of_notice(
    session: Session, notice_id: UUID, *, subject: Subject, now: datetime
) -> list[ApartView]:
    """Which of its people are kept apart, by number, for who told it and who owns cases there."""
    find_notice(session, notice_id, subject=subject, now=now)
    reader = ApartReader(session, subject, Permission.KEPT_APART_READ, now)
    found = live_of(session, KeptApart.notice_id == notice_id)
    seen = [each for each in found if reader.told(each) or notice_id in reader.owned_notices]
    whole, may_end = reader.sees_whole(seen), _may_end(reader, seen)
    return [
        ApartView(
            each.id,
            each.told_at,
            (each.first_number or 0, each.second_number or 0),
            None,
            None,
            is_same_house=False,
            may_open=whole[each.id],
            may_end=may_end[each.id],
        )
        for each in seen
    ]


def _may_end(reader: ApartReader, found: Sequence[KeptApart]) -> dict[UUID, bool]:
    teller = ApartReader(reader.session, reader.subject, Permission.KEPT_APART_TELL, reader.now)
    return dict(teller.sees_whole(found))
