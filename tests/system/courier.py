"""Several services in one process, each in its own database, and what carries their messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import tasks as intake
from services.livelihood_support import tasks as livelihood_support
from services.livelihood_support.domain.locks import KEY as LOCKS
from services.verification import tasks as verification
from shared.contracts import BY_TYPE, Queue
from shared.kit.database import run_hooks
from shared.messaging.consumer import Consumer
from tests.told import IN_OUTBOX

CONSUMERS: Mapping[Queue, Consumer] = {
    Queue.INTAKE: intake.consumer,
    Queue.VERIFICATION: verification.consumer,
    Queue.LIVELIHOOD_SUPPORT: livelihood_support.consumer,
}


@dataclass
class Courier:
    """Carries what each service has told to the others, in each sender's order."""

    sessions: Mapping[Queue, Session]
    now: datetime
    carried: set[tuple[UUID, str]] = field(default_factory=set)

    def carry(self, *senders: Queue) -> None:
        """Carry everything, of the sender named first as long as it has something to tell."""
        while any(self._carry_all(sender) for sender in senders):
            pass

    def _carry_all(self, sender: Queue) -> bool:
        """What a sender has told so far and nobody has carried; read once, for all of it."""
        told = self.sessions[sender]
        settle(told)
        rows = told.execute(
            select(IN_OUTBOX).order_by(IN_OUTBOX.c.sequence, IN_OUTBOX.c.message_id)
        ).mappings()
        asked = [(row, Queue(row["destination"])) for row in rows]
        fresh = [
            (row, receiver)
            for row, receiver in asked
            if receiver in CONSUMERS and (row["message_id"], receiver) not in self.carried
        ]
        for row, receiver in fresh:
            self.carried.add((row["message_id"], receiver))
            self._hand_over(receiver, row["type"], row["body"])
        return bool(fresh)

    def _hand_over(self, receiver: Queue, type_: str, body: object) -> None:
        message = BY_TYPE[type_].model_validate(body)
        session, consumer = self.sessions[receiver], CONSUMERS[receiver]
        consumer.take_locks(session, [message])
        consumer.handlers[type(message)](session, [message], self.now)
        settle(session)
        # A frame is a transaction of its own, with which its locks end.
        session.info.pop(LOCKS, None)


def settle(session: Session) -> None:
    """What was told stands in the outbox."""
    session.flush()
    run_hooks(session)
