"""What a service knows, told to one that joined later: how each thing stands, and each once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.contracts.base import Message
from shared.contracts.vocabulary import Queue
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.database import database_now
from shared.kit.identifiers import new_id
from shared.messaging import outbox
from shared.messaging.tables import OUTBOX_SEQUENCES

STEP = 500
"""Things told of in one transaction at most."""

Tell = Callable[[Session, Sequence[UUID]], Sequence[Message]]
"""Locks the things of these ids, in the order of their ids, and says how each stands."""


@dataclass(frozen=True)
class Past:
    """A kind of thing, and what a service that was not there is told of it."""

    messages: tuple[type[Message], ...]
    """What may be told of one of them, the first always; the aggregate is the thing."""
    id: InstrumentedAttribute[UUID]
    tell: Tell
    among: ColumnElement[bool] = field(default_factory=true)
    """Which of them there is something to tell of."""
    unless: type[Message] | None = None
    """Whoever takes this is told by another of its sender's pasts."""

    def is_for(self, newcomer: Queue) -> bool:
        """Whether what is always told is addressed to this service, and told to it by this."""
        is_told_otherwise = self.unless is not None and newcomer in self.unless.to
        return newcomer in self.messages[0].to and not is_told_otherwise


@dataclass(frozen=True)
class Counted:
    """Things a service has not been told of yet, and those it has."""

    untold: int
    told: int


def count(session: Session, past: Past, newcomer: Queue) -> Counted:
    """How many things there are to tell of."""
    is_told = _told_of(past, newcomer)
    told, untold = session.execute(
        select(func.count().filter(is_told), func.count().filter(~is_told))
        .select_from(past.id.class_)
        .where(past.among)
    ).one()
    return Counted(untold, told)


def retell(
    session: Session,
    past: Past,
    newcomer: Queue,
    *,
    after: UUID | None,
    actor: str,
    most: int = STEP,
) -> tuple[UUID | None, int]:
    """Tell of the next things after this id that the newcomer has not been told of.

    Returns the last of them, ``None`` when there are no more, and how many it was told of. To be
    called until there are none. What was told of meanwhile, or by an earlier run, is passed over:
    whatever is told of a thing for the first time says all of it.
    """
    ids = session.scalars(_untold(past, newcomer, after, most)).all()
    if not ids:
        return None, 0
    messages = past.tell(session, ids)
    # Asked again under the locks: nobody can tell of these things any more before this commits.
    known = frozenset(
        session.scalars(
            select(OUTBOX_SEQUENCES.c.aggregate_id).where(
                among(OUTBOX_SEQUENCES.c.aggregate_id, ids), _names(newcomer)
            )
        )
    )
    fresh = [it for it in messages if newcomer in it.to and it.aggregate_id not in known]
    for message in fresh:
        outbox.add(session, message, only=newcomer)
    many = len({it.aggregate_id for it in fresh})
    if many:
        _record(session, past, newcomer, many, actor)
    return ids[-1], many


def tell_further(session: Session, message: Message, pasts: Sequence[Past]) -> None:
    """Tell of a thing that is not new; who was told nothing of it yet is told all of it instead.

    So it does not matter when a service that joins is told the past: nothing comes before the thing
    that it is about. The thing is locked, and stands as the message says.
    """
    about = message.aggregate_id
    numbered = select(OUTBOX_SEQUENCES.c.last_sequences).where(
        OUTBOX_SEQUENCES.c.aggregate_id == about
    )
    told = session.scalar(numbered) or {}
    for queue in message.to:
        past = next((it for it in pasts if it.unless is None and it.is_for(queue)), None)
        if past is None or queue in told or outbox.is_telling(session, about, queue):
            outbox.add(session, message, only=queue)
            continue
        for it in past.tell(session, [about]):
            if queue in it.to:
                outbox.add(session, it, only=queue)


def _untold(past: Past, newcomer: Queue, after: UUID | None, most: int) -> Select[UUID]:
    is_wanted = and_(past.among, ~_told_of(past, newcomer))
    wanted = select(past.id).where(is_wanted).order_by(past.id).limit(most)
    return wanted if after is None else wanted.where(past.id > after)


def _told_of(past: Past, newcomer: Queue) -> ColumnElement[bool]:
    numbered = OUTBOX_SEQUENCES.c.aggregate_id == past.id
    return select(OUTBOX_SEQUENCES.c.aggregate_id).where(numbered, _names(newcomer)).exists()


def _names(newcomer: Queue) -> ColumnElement[bool]:
    named: ColumnElement[bool] = OUTBOX_SEQUENCES.c.last_sequences.has_key(str(newcomer))
    return named


def _record(session: Session, past: Past, newcomer: Queue, many: int, actor: str) -> None:
    audit.record(
        session,
        actor=actor,
        action="retell_messages",
        object_id=new_id(),
        now=database_now(session),
        destination=newcomer,
        types=[message.type for message in past.messages if newcomer in message.to],
        count=many,
    )
