"""A need: one granted code that was asked for, until it is met or a case owner ends it.

It is sought by one referral. What the person asked for at reception are the first needs of a plan;
a case owner adds more, and the same code again once the one before has ended. To end a need and to
cancel its referral is the same thing (ADR 0025).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.reach import check_reach
from services.livelihood_support.errors import NeedNotFound
from services.livelihood_support.models import Need, Referral
from shared.access import Permission
from shared.contracts.vocabulary import EntitlementCode, ReasonCode
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import id_of
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class NeedView:
    """A need and the referral by which it is sought."""

    id: UUID
    case_id: UUID
    code: str
    referral_id: UUID
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    reason: str | None
    version: int


def begin_needs(
    session: Session,
    referrals: Sequence[Referral],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Store a need for each of these new referrals, which are not stored yet.

    The same again when a restored database opens the same plan again.
    """
    for referral in referrals:
        referral.need_id = id_of(referral.id, "need")
    insert_rows(session, Need, [_row(referral, actor, now) for referral in referrals])
    for referral in referrals:
        _record(session, id_of(referral.id, "need"), referral, "need.added", actor=actor, now=now)


def _row(referral: Referral, actor: str, now: datetime) -> Mapping[str, Any]:
    return {
        "id": referral.need_id,
        "case_id": referral.case_id,
        "code": referral.code,
        "asked_by": actor,
        "asked_at": now,
        "version": 1,
    }


def _record(
    session: Session, need_id: UUID, referral: Referral, action: str, *, actor: str, now: datetime
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=need_id,
        now=now,
        referral_id=str(referral.id),
    )


def end_need_of(
    session: Session,
    referral: Referral,
    *,
    reason: ReasonCode | None,
    actor: str,
    now: datetime,
) -> None:
    """The referral has ended, and so has the need that it was to meet."""
    ended = session.execute(
        update(Need)
        .where(Need.id == referral.need_id, Need.ended_at.is_(None))
        .values(ended_at=now, reason=reason, version=Need.version + 1)
        .returning(Need.id)
        .execution_options(synchronize_session=False),
    ).first()
    if ended is not None:
        _record(session, ended.id, referral, "need.ended", actor=actor, now=now)


def find_need(session: Session, *, case_id: UUID, need_id: UUID) -> NeedView:
    """One need of a case."""
    found = session.execute(_needs(case_id).where(Need.id == need_id)).one_or_none()
    if found is None:
        raise NeedNotFound
    return NeedView(**found._mapping)  # noqa: SLF001 - named so by SQLAlchemy


def open_need(session: Session, *, case_id: UUID, code: EntitlementCode) -> NeedView | None:
    """The need of a case for a code that has not ended, if there is one."""
    query = _needs(case_id).where(Need.code == code, Need.ended_at.is_(None))
    found = session.execute(query).one_or_none()
    return NeedView(**found._mapping) if found else None  # noqa: SLF001


def read_need(
    session: Session, *, case_id: UUID, need_id: UUID, subject: Subject, now: datetime
) -> NeedView:
    """One need of a case that the subject reaches."""
    check_reach(session, case_id, subject, Permission.NEED_READ, now)
    return find_need(session, case_id=case_id, need_id=need_id)


def find_needs(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> list[NeedView]:
    """The needs of a case, in the order in which they were asked for; refused if there is none."""
    check_reach(session, case_id, subject, Permission.NEED_READ, now)
    query = _needs(case_id).order_by(Need.id).limit(size)
    if after is not None:
        query = query.where(Need.id > after)
    return [NeedView(**row._mapping) for row in session.execute(query)]  # noqa: SLF001


def _needs(
    case_id: UUID,
) -> Select[UUID, UUID, str, UUID, str, datetime, datetime | None, str | None, int]:
    return (
        select(
            Need.id,
            Need.case_id,
            Need.code,
            Referral.id.label("referral_id"),
            Need.asked_by,
            Need.asked_at,
            Need.ended_at,
            Need.reason,
            Need.version,
        )
        .join(Referral, Referral.need_id == Need.id)
        .where(Need.case_id == case_id)
    )
