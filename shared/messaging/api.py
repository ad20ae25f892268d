"""What waits for an operator, over HTTP, the same in every service: alerts and parked messages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, ConfigDict, Field, JsonValue
from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import Session

from shared.access import Permission, visible
from shared.access.asking import permitted
from shared.contracts import sample
from shared.contracts.vocabulary import Role
from shared.kit.http import Now, OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Id, Shape, shown
from shared.kit.subjects import Subject
from shared.messaging import alerts, parking, replays
from shared.messaging.parking import ParkedReason, ReplayReason
from shared.messaging.replays import Choice

router = Router(tags=["operation"])

Reached = Callable[[Subject, datetime], ColumnElement[bool]]
"""Which of the alerts on which case owners must act one of them reaches at a time: a WHERE."""


def nobodys(_subject: Subject, _now: datetime) -> ColumnElement[bool]:
    """Of a service in which no alert is a case owner's."""
    return false()


MessageId = Annotated[Id, Path(description="The id of the parked message.")]


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


class ParkedMessage(Shape):
    """A message that could not be handled. Its body is not shown."""

    model_config = ConfigDict(extra="ignore")

    message_id: UUID
    """The id of the message."""
    source: str
    """The service that sent the message."""
    type: str
    """The type of the message, with its version."""
    aggregate_id: UUID
    """The id of what the message is about, usually a case: messages about one thing keep their
    order.
    """
    sequence: int
    """The number of the message among those of its aggregate and sender."""
    reason: ParkedReason
    """Why the message is parked."""
    attempts: int
    """How many times it was tried."""
    parked_at: datetime
    """When it was parked."""
    waiting_behind: int
    """How many messages of the same aggregate and sender wait for this one."""


class ParkedMessages(Shape):
    """A page of parked messages, oldest first."""

    model_config = shown(sample.PARKED_MESSAGES)

    items: list[ParkedMessage]
    """The parked messages of this page, oldest first."""
    next_cursor: Cursor


class Settlement(Shape):
    """Why the message is replayed or skipped."""

    model_config = shown(sample.SETTLEMENT)

    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""


class ReplayOfMany(Shape):
    """Which parked messages are replayed, how many they must be, and why."""

    model_config = shown(sample.REPLAY_OF_MANY)

    parked_for: ParkedReason | None = None
    """Why the messages are parked. If it is not given, every reason but ``never_ended`` counts;
    ``stale_sequence`` is replayed one by one.
    """
    type: Annotated[str, Field(max_length=100)] | None = None
    """The type of the messages; every type if it is not given."""
    parked_since: AwareDatetime | None = None
    """The earliest time at which they were parked."""
    parked_until: AwareDatetime | None = None
    """The time before which they were parked."""
    count: Annotated[int, Field(ge=0)]
    """How many messages they must be; with any other number nothing is replayed."""
    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""

    def choice(self) -> Choice:
        """The choice as the domain takes it."""
        return Choice(
            parked_for=self.parked_for,
            type=self.type,
            since=self.parked_since,
            until=self.parked_until,
        )


class ReplayedMessages(Shape):
    """How many messages were given their tries again."""

    model_config = shown(sample.REPLAYED_MESSAGES)

    count: int
    """How many messages were replayed."""


class SettledMessage(Shape):
    """What became of a parked message."""

    model_config = shown(sample.SETTLED_MESSAGE)

    message_id: UUID
    """The id of the message."""
    status: Literal["replayed", "skipped"]
    """What was done with it."""


SETTLING = refusals(400, 401, 403, 404, 409, 422)


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


@router.get("/parked-messages", responses=refusals(401, 403, 422))
def list_parked_messages(
    _operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
    page: PageParams,
) -> ParkedMessages:
    """Messages of this service that wait for an operator (role operator)."""
    found = parking.list_parked(session, size=page.reach, after=page.after)
    part = page.of(found, lambda row: row["message_id"])
    items = [ParkedMessage.model_validate(dict(row)) for row in part.rows]
    return ParkedMessages(items=items, next_cursor=part.next_cursor)


@router.post(
    "/parked-messages/replays",
    status_code=201,
    response_model=ReplayedMessages,
    responses=refusals(400, 401, 403, 409, 422),
)
def replay_messages(
    body: ReplayOfMany,
    operator: Annotated[Subject, Depends(permitted(Permission.PARKED_REPLAY))],
    once: OnceOnly,
) -> JSONResponse:
    """Give many parked messages their tries again, if they are as many as stated (role operator).

    If they are not, nothing is replayed and the answer 409 says how many there are.
    """

    def act(session: Session, now: datetime) -> Answer:
        replayed = replays.replay_all(
            session,
            choice=body.choice(),
            expected=body.count,
            actor=operator.actor,
            reason=body.reason,
            now=now,
        )
        return Answer(201, {"count": replayed})

    return once.answer(act)


@router.post(
    "/parked-messages/{message_id}/replays",
    status_code=201,
    response_model=SettledMessage,
    responses=SETTLING,
)
def replay_message(
    message_id: MessageId,
    body: Settlement,
    operator: Annotated[Subject, Depends(permitted(Permission.PARKED_REPLAY))],
    once: OnceOnly,
) -> JSONResponse:
    """Give a parked message its tries again (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        parking.replay(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return Answer(201, {"message_id": str(message_id), "status": "replayed"})

    return once.answer(act)


@router.post(
    "/parked-messages/{message_id}/skips",
    status_code=201,
    response_model=SettledMessage,
    responses=SETTLING,
)
def skip_message(
    message_id: MessageId,
    body: Settlement,
    operator: Annotated[Subject, Depends(permitted(Permission.PARKED_SKIP))],
    once: OnceOnly,
) -> JSONResponse:
    """Give a parked message up; the messages of its case behind it pass (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        parking.skip(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return Answer(201, {"message_id": str(message_id), "status": "skipped"})

    return once.answer(act)
