"""What operators read over HTTP, the same in every service: alerts, and the routes beside it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, ConfigDict, JsonValue
from sqlalchemy import ColumnElement, false

from shared.access import Permission, visible
from shared.access.asking import permitted
from shared.contracts import sample
from shared.contracts.vocabulary import Role
from shared.kit.http import Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Id, Shape, shown
from shared.kit.subjects import Subject
from shared.messaging import alerts, operations_api, parked_api

router = Router()
for part in (operations_api, parked_api):
    router.include_router(part.router)

Reached = Callable[[Subject, datetime], ColumnElement[bool]]
"""Which of the alerts on which case owners must act one of them reaches at a time: a WHERE."""


def nobodys(_subject: Subject, _now: datetime) -> ColumnElement[bool]:
    """Of a service in which no alert is a case owner's."""
    return false()


class WaitingAlert(Shape):
    """What does not pass by itself, in every service in one shape: until its cause is gone."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    """The id of the alert; another one each time it is raised."""
    kind: str
    """What is wrong, as a code."""
    case_id: UUID | None
    """The case that the alert is about; unset if it is about none."""
    subject: str
    """What the alert concerns: a need as a code, the name of a sweep, a type of message, the
    service that sent one, the sender of webhooks (`sender:notification`), a webhook (`delivery`),
    the address of an organisation (`endpoint`), a verification, a case, the role that nobody
    holds (`case_owner`), or the organisations that the directory tells of (`organisations`).
    """
    object_id: UUID
    """The id of the thing that the alert is about."""
    must_act: Role
    """Who must act: an organisation with this role."""
    organisation_id: UUID | None
    """The organisation that the alert speaks of, if it speaks of one."""
    since: AwareDatetime
    """When the alert was raised."""
    facts: Mapping[str, JsonValue]
    """The ids, codes and counts that explain the alert."""


class OperatorAlert(WaitingAlert):
    """Something that an operator must look at, or whoever owns the case."""

    times: int
    """How many times it was raised since it began."""
    last_at: AwareDatetime
    """When it was last raised."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The alert of a row."""
        return cls(
            case_id=alerts.case_of(row),
            must_act=alerts.must_act_on(row["kind"]),
            organisation_id=alerts.organisation_of(row),
            since=row["raised_at"],
            **{name: row[name] for name in ("id", "kind", "subject", "object_id", "facts")},
            times=row["times"],
            last_at=row["last_at"],
        )


class OperatorAlerts(Shape):
    """A page of open alerts, oldest first."""

    model_config = shown(sample.OPERATOR_ALERTS)

    items: list[OperatorAlert]
    """The alerts of this page, oldest first."""
    next_cursor: Cursor


def alerts_routes(reached: Reached) -> Router:
    """Of a service whose alerts are all kept here; one with others, too, shows these with them."""
    routes = Router(tags=["operation"])

    @routes.get("/alerts", responses=refusals(401, 403, 422))
    def list_alerts(
        *,
        watcher: Annotated[Subject, Depends(permitted(Permission.ALERT_READ))],
        session: ReadSession,
        now: Now,
        page: PageParams,
        case_id: Annotated[Id | None, Query(description="Only alerts of this case.")] = None,
    ) -> OperatorAlerts:
        """What waits in this service until its cause is gone (role operator).

        A case owner reads what waits for it.
        """
        is_over_all = visible(watcher, Permission.ALERT_READ).is_over_all
        found = alerts.list_open(
            session,
            size=page.reach,
            after=page.after,
            must_act=None if is_over_all else Role.CASE_OWNER,
            among=None if is_over_all else reached(watcher, now),
            case_id=case_id,
        )
        part = page.of(found, lambda row: row["id"])
        items = [OperatorAlert.of(dict(row)) for row in part.rows]
        return OperatorAlerts(items=items, next_cursor=part.next_cursor)

    return routes
