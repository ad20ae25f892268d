"""Routes by which parked deliveries are sent again together, at a pace."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.api.edge import CHANGING
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import ChannelKind
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["deliveries"])

ReplayId = Annotated[Id, Path(description="The id of the replay.")]
Operator = Annotated[Subject, Depends(permitted(Permission.DELIVERY_REPLAY))]


@router.get("/replayable-deliveries", responses=refusals(401, 403, 422))
def count_replayable(
    _operator: Operator,
    session: ReadSession,
    channel: Annotated[
        ChannelKind | None, Query(description="Only what went by this channel.")
    ] = None,
    organisation_id: Annotated[
        Id | None, Query(description="Only deliveries to this organisation.")
    ] = None,
) -> schemas.Replayable:
    """Count the parked deliveries that a replay would have sent again; nothing is changed.

    What has to be decided one by one is not among them: what was refused for good, an SMS that
    did not arrive, and one of which nobody knows whether it left.
    """
    choice = domain.Choice(channel=channel, organisation_id=organisation_id)
    return schemas.Replayable.model_validate(domain.count_replayable(session, choice))


@router.post(
    "/replays", status_code=201, response_model=schemas.PacedReplayRead, responses=CHANGING
)
def start_paced_replay(
    body: schemas.PacedReplayCreate, once: OnceOnly, operator: Operator
) -> JSONResponse:
    """Have parked deliveries sent again, the oldest first, at most so many a minute.

    The number stated must be the one that was counted, else nothing happens (409). Each goes under
    its own id; who asked and why is kept with it.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.start_replay(
            session,
            choice=domain.Choice(channel=body.channel, organisation_id=body.organisation_id),
            count=body.count,
            per_minute=body.per_minute,
            reason=body.reason,
            subject=operator,
            now=now,
        )
        place = f"/notification/v1/replays/{made.replay.replay_id}"
        return Answer(201, _read(made).model_dump(mode="json"), {"Location": place})

    return once.answer(act)


@router.get("/replays", responses=refusals(401, 403, 422))
def list_paced_replays(
    _operator: Operator, session: ReadSession, page: PageParams
) -> schemas.PacedReplayList:
    """List replays of many deliveries with how far each has come, the newest first."""
    found = domain.find_replays(session, after=page.after, size=page.reach)
    part = page.of(found, lambda each: each.replay.replay_id)
    items = [_read(each) for each in part.rows]
    return schemas.PacedReplayList(items=items, next_cursor=part.next_cursor)


@router.get("/replays/{replay_id}", responses=refusals(401, 403, 404, 422))
def read_paced_replay(
    replay_id: ReplayId, _operator: Operator, session: ReadSession
) -> schemas.PacedReplayRead:
    """Read how far a replay has come, computed from the deliveries themselves."""
    return _read(domain.find_replay(session, replay_id))


@router.post(
    "/replays/{replay_id}/stops",
    status_code=201,
    response_model=schemas.PacedReplayRead,
    responses=CHANGING,
)
def stop_paced_replay(replay_id: ReplayId, once: OnceOnly, operator: Operator) -> JSONResponse:
    """Let no more deliveries of a replay go; those whose turn has not come stay parked."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.stop_replay(session, replay_id=replay_id, subject=operator, now=now)
        return Answer(201, _read(found).model_dump(mode="json"))

    return once.answer(act)


COUNTED = frozenset({"chosen", "waiting", "under_way", "arrived", "parked"})
"""What is computed from the deliveries themselves."""


def _read(found: domain.Progress) -> schemas.PacedReplayRead:
    facts = {
        name: getattr(found.counts if name in COUNTED else found.replay, name)
        for name in schemas.PacedReplayRead.model_fields
    }
    return schemas.PacedReplayRead.model_validate(facts)
