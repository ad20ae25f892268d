"""Parked messages over HTTP, the same in every service: to look at, to replay, to give up."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts import Queue
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id, Instant
from shared.kit.subjects import Subject
from shared.messaging import parking, replays, settling
from shared.messaging.parked_shapes import (
    ParkedGroup,
    ParkedGroups,
    ParkedMessage,
    ParkedMessageInDetail,
    ParkedMessages,
    ReplayedMessages,
    ReplayOfMany,
    ReplayPreview,
    ReplayProgress,
    SettledMessage,
    Settlement,
)
from shared.messaging.parking import ParkedReason
from shared.messaging.replays import Choice
from shared.messaging.settling import Filters

router = Router(tags=["operation"])

MessageId = Annotated[Id, Path(description="The id of the parked message.")]
ReplayId = Annotated[Id, Path(description="The id of the replay.")]
OfReason = Annotated[
    ParkedReason | None, Query(description="Only messages parked for this reason.")
]
OfType = Annotated[
    str | None, Query(alias="type", max_length=100, description="Only messages of this type.")
]
OfSource = Annotated[Queue | None, Query(description="Only messages that this service sent.")]


SETTLING = refusals(400, 401, 403, 404, 409, 422)


@router.get("/parked-messages", responses=refusals(401, 403, 422))
def list_parked_messages(
    *,
    _operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
    page: PageParams,
    parked_for: OfReason = None,
    message_type: OfType = None,
    source: OfSource = None,
    replay_id: Annotated[
        Id | None,
        Query(description="All messages that this replay took up, whatever became of them."),
    ] = None,
) -> ParkedMessages:
    """Messages of this service that wait for an operator (role operator)."""
    filters = Filters(reason=parked_for, type=message_type, source=source, replay_id=replay_id)
    found = settling.list_parked(session, size=page.reach, after=page.after, filters=filters)
    part = page.of(found, lambda row: row["message_id"])
    items = [ParkedMessage.model_validate(dict(row)) for row in part.rows]
    return ParkedMessages(items=items, next_cursor=part.next_cursor)


@router.get("/parked-messages/groups", responses=refusals(401, 403))
def list_parked_groups(
    _operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
) -> ParkedGroups:
    """What waits for an operator, by type, reason and sender (role operator)."""
    found = settling.groups(session)
    return ParkedGroups(items=[ParkedGroup.model_validate(each) for each in found])


@router.get("/parked-messages/preview", responses=refusals(401, 403, 422))
def preview_replay(
    *,
    _operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
    parked_for: OfReason = None,
    message_type: OfType = None,
    source: OfSource = None,
    parked_since: Annotated[
        Instant | None, Query(description="Only messages parked since then.")
    ] = None,
    parked_until: Annotated[
        Instant | None, Query(description="Only messages parked before then.")
    ] = None,
) -> ReplayPreview:
    """What a replay of these messages would do (role operator). Nothing is changed."""
    choice = Choice(parked_for, message_type, source, parked_since, parked_until)
    return ReplayPreview.model_validate(replays.preview(session, choice))


@router.get("/parked-messages/replays/{replay_id}", responses=refusals(401, 403, 404, 422))
def read_replay(
    replay_id: ReplayId,
    _operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
) -> ReplayProgress:
    """How far a replay has come (role operator)."""
    found = settling.progress(session, replay_id)
    return ReplayProgress(replay_id=replay_id, count=sum(found.values()), **found)


@router.get("/parked-messages/{message_id}", responses=refusals(401, 403, 404, 422))
def read_parked_message(
    message_id: MessageId,
    operator: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
    session: ReadSession,
) -> ParkedMessageInDetail:
    """One message that is or was parked, and what leads to its cause (role operator)."""
    found = settling.find_parked(session, message_id)
    may_confirm = found["skip_proposed_by"] not in {None, operator.actor}
    return ParkedMessageInDetail.model_validate({**found, "may_confirm_skip": may_confirm})


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
        replay_id = replays.replay_all(
            session,
            choice=body.choice(),
            expected=body.count,
            actor=operator.actor,
            reason=body.reason,
            now=now,
        )
        return Answer(201, {"count": body.count, "replay_id": str(replay_id)})

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
        replay_id = parking.replay(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return _settled(message_id, "replayed", replay_id=str(replay_id))

    return once.answer(act)


@router.post(
    "/parked-messages/{message_id}/skip-proposals",
    status_code=201,
    response_model=SettledMessage,
    responses=SETTLING,
)
def propose_skip(
    message_id: MessageId,
    body: Settlement,
    operator: Annotated[Subject, Depends(permitted(Permission.PARKED_SKIP))],
    once: OnceOnly,
) -> JSONResponse:
    """Propose that a parked message is given up; another has to confirm it (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        parking.propose_skip(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return _settled(message_id, "skip_proposed")

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
    """Give a parked message up, as another has proposed; those behind it pass (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        parking.skip(
            session, message_id=message_id, actor=operator.actor, reason=body.reason, now=now
        )
        return _settled(message_id, "skipped")

    return once.answer(act)


def _settled(message_id: UUID, status: str, **facts: Any) -> Answer:
    return Answer(201, {"message_id": str(message_id), "status": status, **facts})
