"""How many times the handling of a message began and never ended.

This is counted in transactions of their own, committed before handling begins, in tables that
survive a crash of the database server too: a message may end its process, or the server itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.kit.database import Begin
from shared.kit.documents import ids
from shared.kit.round_trips import commit_so_far, later
from shared.messaging.envelope import Envelope, OpenedParcel

MOST_ATTEMPTS = 5
"""A message whose handling began so many times without an end is parked."""


# A frame is noted as one row, whatever its size; only what is found in the notes of frames that did
# not end is looked at one by one. That happens after a crash, or while another worker handles the
# same messages at the same moment.
_NOTE = text(
    """
    INSERT INTO begun_frames (id, parcel_ids) VALUES (:frame_id, CAST(:ids AS uuid[]))
        ON CONFLICT DO NOTHING
    """,
).bindparams(bindparam("frame_id", type_=Uuid))


def note_begun(session: Session, frame_id: UUID, parcels: Sequence[OpenedParcel]) -> None:
    """Note, and commit, that these are begun; what follows in this session comes after that.

    A frame that is begun anew, because it lost against another transaction, is noted already.
    """
    later(session, _NOTE, {"frame_id": frame_id, "ids": ids(it.parcel_id for it in parcels)})
    commit_so_far(session)


_BEGUN_BEFORE = text(
    """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:parcels AS uuid[]))
                   AS it(message_id, parcel_id)
    ), suspected AS (
        SELECT message_id, max(attempts) AS attempts
          FROM (SELECT message_id, 1 AS attempts FROM asked
                 WHERE EXISTS (SELECT FROM begun_frames
                                WHERE id <> :frame_id AND asked.parcel_id = ANY(parcel_ids))
                 UNION ALL
                SELECT message_id, delivery_attempts.attempts
                  FROM delivery_attempts JOIN asked USING (message_id)) AS begun
         GROUP BY message_id
    )
    SELECT CAST(message_id AS text), attempts,
           EXISTS (SELECT FROM inbox WHERE inbox.message_id = suspected.message_id) AS is_decided
      FROM suspected
    """,
).bindparams(bindparam("frame_id", type_=Uuid))


@dataclass(frozen=True)
class Intent:
    """What a delivered frame asks for: messages never begun, and messages begun before."""

    first: tuple[Envelope, ...]
    again: tuple[Envelope, ...]
    """Those begun most often come last: if one ends the process again, the others are done."""


def look_back(session: Session, frame_id: UUID, parcels: Sequence[OpenedParcel]) -> Intent:
    """Which messages of a frame were begun before, in other frames or alone.

    They may be what killed the process then; they are counted one by one by ``count_attempt``, so
    that their neighbours are not blamed. What is decided already is left out.
    """
    envelopes = [it for parcel in parcels for it in parcel.envelopes]
    asked = {
        "frame_id": frame_id,
        "ids": ids(it.message_id for it in envelopes),
        "parcels": ids(each.parcel_id for each in parcels for _ in each.envelopes),
    }
    suspected = {row.message_id: row for row in session.execute(_BEGUN_BEFORE, asked)}
    again = [
        it
        for it in envelopes
        if it.message_id in suspected and not suspected[it.message_id].is_decided
    ]
    return Intent(
        first=tuple(it for it in envelopes if it.message_id not in suspected),
        again=tuple(sorted(again, key=lambda it: suspected[it.message_id].attempts)),
    )


_END_FRAME = text("DELETE FROM begun_frames WHERE id = :frame_id").bindparams(
    bindparam("frame_id", type_=Uuid)
)


def end_frame(session: Session, frame_id: UUID) -> None:
    """Every message of the frame is decided, or counted by itself."""
    later(session, _END_FRAME, {"frame_id": frame_id})


# The frame in which a message was begun first counts as its first attempt.
_ATTEMPT = text(
    """
    INSERT INTO delivery_attempts AS kept (message_id, attempts) VALUES (:id, 2)
        ON CONFLICT (message_id) DO UPDATE SET attempts = kept.attempts + 1
    RETURNING attempts
    """,
).bindparams(bindparam("id", type_=Uuid))


def count_attempt(session: Session, envelope: Envelope) -> int:
    """The number of this attempt; to be committed before handling begins."""
    return int(session.scalar(_ATTEMPT, {"id": envelope.message_id}) or 0)


_FORGET = text("DELETE FROM delivery_attempts WHERE message_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Uuid))
)


def forget(session: Session, envelopes: Sequence[Envelope]) -> None:
    """These are decided: their attempts count no more."""
    later(session, _FORGET, {"ids": [it.message_id for it in envelopes]})


_PARDON = text(
    """
    WITH frames AS (DELETE FROM begun_frames WHERE id = ANY(:frames)), tried AS MATERIALIZED (
        SELECT message_id FROM held_messages WHERE message_id = ANY(:held)
         ORDER BY message_id FOR UPDATE
    ), held AS (
        UPDATE held_messages
           SET attempts = attempts - 1, unended = greatest(unended - 1, 0), next_at = now()
         WHERE message_id IN (SELECT message_id FROM tried)
    ), begun AS MATERIALIZED (
        SELECT message_id FROM delivery_attempts WHERE message_id = ANY(:messages)
         ORDER BY message_id FOR UPDATE
    )
    UPDATE delivery_attempts SET attempts = greatest(attempts - 1, 1)
     WHERE message_id IN (SELECT message_id FROM begun)
    """,
).bindparams(*(bindparam(name, type_=ARRAY(Uuid)) for name in ("frames", "messages", "held")))


class Pardons:
    """Tries that ended because the database could not work: no message is to blame for them.

    Nothing can be taken back while the database is away, so they are kept until it works again. A
    process that dies meanwhile takes back nothing: then these tries count, as after any death.
    """

    def __init__(self) -> None:
        self._frames: set[UUID] = set()
        self._messages: set[str] = set()
        self._held: set[str] = set()

    def frame(self, frame_id: UUID) -> None:
        """The parcels of this frame were not begun."""
        self._frames.add(frame_id)

    def message(self, message_id: str) -> None:
        """Its last attempt is not counted."""
        self._messages.add(message_id)

    def held(self, message_id: str) -> None:
        """Nor is that of a message that was held."""
        self._held.add(message_id)

    def grant(self, begin: Begin) -> None:
        """Take back what was counted; raises while the database is still away."""
        if not (self._frames or self._messages or self._held):
            return
        pardoned: dict[str, Collection[UUID | str]] = {
            "frames": self._frames,
            "messages": self._messages,
            "held": self._held,
        }
        with begin() as session:
            session.execute(_PARDON, {name: list(found) for name, found in pardoned.items()})
        self._frames, self._messages, self._held = set(), set(), set()
