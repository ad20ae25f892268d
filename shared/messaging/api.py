"""What waits for an operator, over HTTP, the same in every service: alerts and parked messages."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, ConfigDict, Field
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import Role
from shared.kit.auth import Caller, caller_with
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Id, Shape
from shared.messaging import alerts, parking, replays
from shared.messaging.alerts import AlertKind
from shared.messaging.parking import ParkedReason, ReplayReason
from shared.messaging.replays import Choice

router = Router(tags=["operation"])

Operator = Annotated[Caller, Depends(caller_with(Role.OPERATOR))]


class OperatorAlert(Shape):
    """Something is wrong and does not mend itself."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    kind: AlertKind
    subject: str
    object_id: UUID
    facts: dict[str, Any]
    times: int
    raised_at: datetime
    last_at: datetime


class OperatorAlerts(Shape):
    """A page of open alerts, oldest first."""

    items: list[OperatorAlert]
    next_cursor: Cursor


class ParkedMessage(Shape):
    """A message that could not be handled. Its body is not shown."""

    model_config = ConfigDict(extra="ignore")

    message_id: UUID
    source: str
    type: str
    aggregate_id: UUID
    sequence: int
    reason: ParkedReason
    attempts: int
    parked_at: datetime
    waiting_behind: int
    """Messages of the same aggregate and sender that wait for this one."""


class ParkedMessages(Shape):
    """A page of parked messages, oldest first."""

    items: list[ParkedMessage]
    next_cursor: Cursor


class Settlement(Shape):
    """Why the message is replayed or skipped."""

    reason: ReplayReason


class ReplayOfMany(Shape):
    """Which parked messages are replayed, how many they must be, and why."""

    parked_for: ParkedReason | None = None
    """If not given, every reason but ``never_ended``. ``stale_sequence`` is replayed one by one."""
    type: Annotated[str, Field(max_length=100)] | None = None
    parked_since: AwareDatetime | None = None
    parked_until: AwareDatetime | None = None
    count: Annotated[int, Field(ge=0)]
    reason: ReplayReason

    def choice(self) -> Choice:
        """What the domain asks for."""
        return Choice(
            parked_for=self.parked_for,
            type=self.type,
            since=self.parked_since,
            until=self.parked_until,
        )


class ReplayedMessages(Shape):
    """How many messages were given their tries again."""

    count: int


class SettledMessage(Shape):
    """What became of a parked message."""

    message_id: UUID
    status: Literal["replayed", "skipped"]


SETTLING = refusals(400, 401, 403, 404, 409, 422)


@router.get("/operator-alerts", responses=refusals(401, 403, 422))
def list_operator_alerts(
    _operator: Operator,
    session: ReadSession,
    page: PageParams,
) -> OperatorAlerts:
    """What an operator must look at in this service, until its cause is gone (role operator)."""
    found = alerts.list_open(session, size=page.reach, after=page.after)
    shown = page.of(found, lambda row: row["id"])
    items = [OperatorAlert.model_validate(dict(row)) for row in shown.rows]
    return OperatorAlerts(items=items, next_cursor=shown.next_cursor)


@router.get("/parked-messages", responses=refusals(401, 403, 422))
def list_parked_messages(
    _operator: Operator,
    session: ReadSession,
    page: PageParams,
) -> ParkedMessages:
    """Messages of this service that wait for a person (role operator)."""
    found = parking.list_parked(session, size=page.reach, after=page.after)
    shown = page.of(found, lambda row: row["message_id"])
    items = [ParkedMessage.model_validate(dict(row)) for row in shown.rows]
    return ParkedMessages(items=items, next_cursor=shown.next_cursor)


@router.post(
    "/parked-messages/replays",
    status_code=201,
    response_model=ReplayedMessages,
    responses=refusals(400, 401, 403, 409, 422),
)
def replay_messages(body: ReplayOfMany, operator: Operator, once: OnceOnly) -> JSONResponse:
    """Give many parked messages their tries again, if they are as many as said (role operator).

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
    message_id: Id,
    body: Settlement,
    operator: Operator,
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
    message_id: Id,
    body: Settlement,
    operator: Operator,
    once: OnceOnly,
) -> JSONResponse:
    """Give a parked message up; the messages of its case behind it pass (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        parking.skip(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return Answer(201, {"message_id": str(message_id), "status": "skipped"})

    return once.answer(act)
