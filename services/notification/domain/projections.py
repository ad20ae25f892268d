"""What other services tell: who exists, where they take webhooks, who submitted which case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.owners import Followed, note_owner_roles
from services.notification.domain.waiting import hasten_deliveries, settle_waiting
from services.notification.models import CaseSubscription, Endpoint, Organisation
from shared.contracts.vocabulary import (
    ChannelKind,
    EndpointStatus,
    EndpointTopic,
    OrganisationKind,
)
from shared.kit.documents import document
from shared.places.holders import Tenure


@dataclass(frozen=True)
class OrganisationFacts:
    """An organisation as the directory tells it."""

    organisation_id: UUID
    code: str
    kind: OrganisationKind
    is_active: bool
    owned: tuple[Tenure, ...] = ()
    """The areas whose cases it owns, with their days."""


@dataclass(frozen=True)
class EndpointFacts:
    """An endpoint or a contact point, as the directory tells it."""

    endpoint_id: UUID
    organisation_id: UUID
    url: str
    status: EndpointStatus
    told_at: datetime
    secret_version: int = 1
    channel: ChannelKind = ChannelKind.WEBHOOK
    topic: EndpointTopic | None = None
    is_recorded: bool = False


def note_organisations(
    session: Session,
    *,
    organisations: Sequence[OrganisationFacts],
    now: datetime,
) -> None:
    """Keep who exists; what waits for one that came back, or went, is moved at once."""
    told = insert(Organisation).values(
        [
            {
                "organisation_id": each.organisation_id,
                "code": each.code,
                "kind": each.kind,
                "is_active": each.is_active,
                "changed_at": now,
            }
            for each in sorted(organisations, key=lambda each: each.organisation_id)
        ],
    )
    changed = {name: told.excluded[name] for name in ("code", "kind", "is_active", "changed_at")}
    session.execute(told.on_conflict_do_update(index_elements=["organisation_id"], set_=changed))
    note_owner_roles(session, {each.organisation_id: each.owned for each in organisations})
    settle_waiting(session, now)


def note_endpoints(
    session: Session,
    *,
    endpoints: Sequence[EndpointFacts],
    now: datetime,
) -> None:
    """Keep where organisations are told. Any news of an endpoint gives it a fresh start."""
    # Locked in the order of ids, as where a sender notes their health.
    in_order = sorted(endpoints, key=lambda each: each.endpoint_id)
    told = insert(Endpoint).values([_endpoint(each, now) for each in in_order])
    named = ("organisation_id", "channel", "url", "status", "secret_version", "changed_at")
    names = (*named, "is_recorded", "topic")
    changed = {name: told.excluded[name] for name in names}
    fresh = {"consecutive_failures": 0, "paused_until": None}
    is_same_secret = Endpoint.secret_version == told.excluded.secret_version
    since = case((is_same_secret, Endpoint.secret_since), else_=told.excluded.secret_since)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["endpoint_id"],
            set_={**changed, **fresh, "secret_since": since},
        ),
    )
    hasten_deliveries(session, {each.endpoint_id for each in endpoints}, now=now)
    settle_waiting(session, now)


def _endpoint(facts: EndpointFacts, now: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": facts.endpoint_id,
        "organisation_id": facts.organisation_id,
        "channel": facts.channel,
        "topic": facts.topic,
        "url": facts.url,
        "is_recorded": facts.is_recorded,
        "status": facts.status,
        "secret_version": facts.secret_version,
        "secret_since": facts.told_at,
        "consecutive_failures": 0,
        "changed_at": now,
    }


_SUBSCRIBE = text(
    f"""
    INSERT INTO {CaseSubscription.__tablename__} (case_id, organisation_id, area_code,
                                                  area_told_on)
    SELECT case_id, organisation_id, area_code, area_told_on
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(case_id uuid, organisation_id uuid, area_code text, area_told_on date)
     ORDER BY case_id
        ON CONFLICT DO NOTHING
    """,  # noqa: S608 - made of our own words only
)


def note_cases(session: Session, *, cases: Mapping[UUID, Followed]) -> None:
    """Keep which organisation submitted which case, and where that is."""
    if not cases:
        return
    rows = [
        {
            "case_id": case_id,
            "organisation_id": each.agency_id,
            "area_code": each.place.code,
            "area_told_on": each.place.told_on,
        }
        for case_id, each in cases.items()
    ]
    session.execute(_SUBSCRIBE, {"rows": document(rows)})
