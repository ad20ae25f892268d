"""Who owns a case on the day it is told of, and what waits while nobody does.

Computed anew at every delivery from the roles of case owner, from where the case is and from whom
it was handed to, so a change of any holds from its day on. News of a case that nobody owns is kept,
under an alert to the operator, and told to the first who owns it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, select, text
from sqlalchemy.orm import Session

from services.notification.domain.opening import open_deliveries
from services.notification.errors import CaseNotReceived
from services.notification.models import (
    CaseSubscription,
    Organisation,
    OwnerlessNews,
    OwnerRole,
)
from services.notification.policy import Event, EventType, News
from shared.contracts.vocabulary import Queue
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import document, insert_rows
from shared.kit.identifiers import new_id
from shared.messaging import alerts, outbox
from shared.messaging.alerts import AlertKind
from shared.messaging.sweeps import RESTING, each_alone
from shared.places.holders import Place, Tenure, owner_of

SWEEP = "tell_owners"
"""The name of the sweep that tells what nobody was told of."""
SUBJECT = "case_owner"
STEP = 50
"""Most cases told of in one transaction."""


@dataclass(frozen=True)
class Followed:
    """A case as it was received, and as it was handed over since."""

    agency_id: UUID
    """Who submitted it."""
    place: Place
    responsible_id: UUID | None = None
    """The organisation that it was handed to, if there is one."""

    @property
    def belonging(self) -> "Belonging":
        """What says who owns it."""
        return Belonging(self.place, self.responsible_id)


@dataclass(frozen=True)
class Belonging:
    """Where a case is, and to whom it was handed: what says who owns it on a day."""

    place: Place
    responsible_id: UUID | None = None


_FIND_CASES = select(CaseSubscription).where(among(CaseSubscription.case_id, bindparam("case_ids")))


def find_cases(session: Session, case_ids: Collection[UUID]) -> dict[UUID, Followed]:
    """These cases; raises ``CaseNotReceived`` while one of them is unknown."""
    if not case_ids:
        return {}
    rows = session.scalars(_FIND_CASES, {"case_ids": list(case_ids)})
    found = {
        row.case_id: Followed(row.organisation_id, _place(row), row.responsible_id) for row in rows
    }
    if len(found) < len(set(case_ids)):
        raise CaseNotReceived
    return found


def _place(row: Any) -> Place:
    """Releases that told no owners kept no place: such a case is the city's."""
    return Place(row.area_code or "", row.area_told_on or date.min)


_HAND_OVER = text(
    f"""
    UPDATE {CaseSubscription.__tablename__} AS kept SET responsible_id = told.responsible_id
      FROM json_to_recordset(CAST(:rows AS json)) AS told(case_id uuid, responsible_id uuid)
     WHERE kept.case_id = told.case_id
    """,  # noqa: S608 - made of our own words only
)


def note_hand_overs(
    session: Session, responsible: Mapping[UUID, UUID | None]
) -> dict[UUID, Followed]:
    """Keep to whom these cases were handed; raises ``CaseNotReceived`` while one is unknown."""
    cases = find_cases(session, responsible)
    rows = [{"case_id": each, "responsible_id": named} for each, named in responsible.items()]
    session.execute(_HAND_OVER, {"rows": document(rows)})
    return {each: replace(cases[each], responsible_id=named) for each, named in responsible.items()}


def tell_owners_of(
    session: Session,
    *,
    news: Sequence[News],
    belonging: Mapping[UUID, Belonging],
    now: datetime,
) -> list[Event]:
    """The events by which whoever owns these cases today learns.

    What nobody is told is kept for later.
    """
    owners = _owners(session, {each.case_id: belonging[each.case_id] for each in news}, now)
    events: list[Event] = []
    kept: list[News] = []
    for each in news:
        owner = owners[each.case_id]
        if owner is None:
            kept.append(each)
        else:
            events.append(each.to(owner))
    if kept:
        _keep(session, kept, now)
    return events


def _owners(
    session: Session,
    belonging: Mapping[UUID, Belonging],
    now: datetime,
) -> dict[UUID, UUID | None]:
    tenures = _tenures(session)
    today = local_date(now)
    owning = {
        each: owner_of(tenures, each.place, handed_to=each.responsible_id, on=today)
        for each in set(belonging.values())
    }
    return {case_id: owning[each] for case_id, each in belonging.items()}


_TENURES = (
    select(
        Organisation.organisation_id,
        Organisation.code,
        OwnerRole.area_code,
        OwnerRole.valid_from,
        OwnerRole.valid_to,
    )
    .join(OwnerRole, OwnerRole.organisation_id == Organisation.organisation_id)
    .where(Organisation.is_active)
)


def _tenures(session: Session) -> list[Tenure]:
    """Every role of a case owner of an active organisation, past and future ones too."""
    return [Tenure(*row) for row in session.execute(_TENURES)]


def _keep(session: Session, news: Sequence[News], now: datetime) -> None:
    traces: Mapping[UUID, str] = session.info.get(outbox.TRACES, {})
    rows = [
        {
            "id": new_id(),
            **vars(each),
            "traceparent": traces.get(each.case_id),
            "noted_at": now,
        }
        for each in news
    ]
    insert_rows(session, OwnerlessNews, rows, conflict="ON CONFLICT DO NOTHING")
    nobodys: dict[UUID, dict[str, Any]] = {each.case_id: {} for each in news}
    alerts.raise_alerts(
        session, AlertKind.CASE_WITHOUT_OWNER, subject=SUBJECT, objects=nobodys, now=now
    )


_WAITING = text(
    f"""
    SELECT case_id, area_code, area_told_on, responsible_id
      FROM (SELECT case_id, min(noted_at) AS since FROM ownerless_news
             WHERE case_id NOT IN ({RESTING}) GROUP BY case_id) AS waiting
      JOIN case_subscriptions USING (case_id)
     ORDER BY since, case_id
    """,  # noqa: S608 - made of our own words only
)


def tell_owners(session: Session, now: datetime) -> int:
    """Tell what was kept to whoever has come to own its case; returns of how many, at most 50.

    A role may have been told, or its first day come.
    """
    rows = session.execute(_WAITING, {"sweep": SWEEP}).all()
    if not rows:
        return 0
    waiting = {row.case_id: Belonging(_place(row), row.responsible_id) for row in rows}
    owners = _owners(session, waiting, now)
    owned = [case_id for case_id in waiting if owners[case_id] is not None][:STEP]

    def act(some: Sequence[UUID]) -> None:
        _tell(session, some, owners, now)

    return each_alone(session, SWEEP, owned, act, key=lambda each: each, now=now)


_TAKE = text("DELETE FROM ownerless_news WHERE case_id = ANY(:ids) RETURNING *").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
)


def _tell(
    session: Session,
    case_ids: Sequence[UUID],
    owners: Mapping[UUID, UUID | None],
    now: datetime,
) -> None:
    # Deleted first: whoever else tells the same waits here, and finds nothing left.
    rows = session.execute(_TAKE, {"ids": list(case_ids)}).all()
    told = sorted(rows, key=lambda row: (row.occurred_at, row.id))
    pairs = ((row, owners[row.case_id]) for row in told)
    events = [_news(row).to(owner) for row, owner in pairs if owner is not None]
    traces = session.info.setdefault(outbox.TRACES, {})
    traces.update({row.case_id: row.traceparent for row in told if row.traceparent is not None})
    open_deliveries(session, events=events, now=now)
    alerts.settle(
        session, AlertKind.CASE_WITHOUT_OWNER, subject=SUBJECT, object_ids=case_ids, now=now
    )


def _news(row: Any) -> News:
    return News(
        type=EventType(row.type),
        source=Queue(row.source),
        cause_id=row.cause_id,
        case_id=row.case_id,
        subject=row.subject,
        data=row.data,
        occurred_at=row.occurred_at,
        referral_id=row.referral_id,
        offer_id=row.offer_id,
    )


def note_owner_roles(session: Session, roles: Mapping[UUID, Sequence[Tenure]]) -> None:
    """Keep where and when these organisations own cases; they are stored already."""
    session.execute(delete(OwnerRole).where(among(OwnerRole.organisation_id, roles)))
    rows = [
        {
            "organisation_id": organisation_id,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
        }
        for organisation_id, tenures in roles.items()
        for held in tenures
    ]
    insert_rows(session, OwnerRole, rows)
