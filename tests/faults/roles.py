"""The processes of the laboratory: a sender's relay, a receiver's worker, a receiver's relay.

They are the product's own processes; only the handler is the laboratory's. What the handler does
with a message is written in it: the organisation kind stands for a behaviour, the moment it
occurred at for its number.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.contracts import ConsentGiven, Queue
from shared.contracts.vocabulary import OrganisationKind
from shared.kit import clock, timepiece
from shared.kit.configuration import settings_config
from shared.kit.documents import document
from shared.kit.errors import NotYet
from shared.kit.settings import ServiceSettings
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Wire
from shared.messaging.processes import relay as relay_process
from shared.messaging.processes.back import run_back
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.processes.worker import run_worker
from shared.messaging.sweeps import Sweep

SENDER = Queue.INTAKE
RECEIVER = Queue.LIVELIHOOD_SUPPORT
INTRUDER = Queue.NOTIFICATION
"""A service that has its own keys and no process here: it was broken into."""

WELL = OrganisationKind.HOSPITAL
RAISES = OrganisationKind.POLICE
KILLS = OrganisationKind.BORDER_GUARD
HANGS = OrganisationKind.COAST_GUARD
SLOW = OrganisationKind.MISSION
TOO_SOON = OrganisationKind.HOTLINE
CRASHES = OrganisationKind.HEALTH_AUTHORITY
"""What the handler does when it meets a message of this kind."""

MENDED = "LAB_MENDED_FILE"
"""Names a file whose existence means that all but SLOW behave well from now on."""


class LabSettings(ServiceSettings):
    """The ordinary settings, under a prefix of the laboratory's."""

    model_config = settings_config("LAB_")


consumer = Consumer(RECEIVER)


@consumer.on_many(ConsentGiven)
def take_effects(session: Session, messages: Sequence[ConsentGiven], now: datetime) -> None:
    """One row per message; twice the same would be two rows."""
    if not Path(os.environ[MENDED]).exists():
        for message in messages:
            misbehave(session, message.scope.organisation_kind)
    for message in messages:
        if message.scope.organisation_kind is SLOW:
            session.execute(text("SELECT pg_sleep(0.05)"))
    rows = [{"case_id": it.case_id, "number": it.occurred_at} for it in messages]
    session.execute(_STORE, {"rows": document(rows), "now": now})


_STORE = text(
    """
    INSERT INTO effects (case_id, number, handled_at)
    SELECT case_id, number, :now
      FROM json_to_recordset(CAST(:rows AS json)) AS row(case_id uuid, number timestamptz)
    """,
)


def note_clock(session: Session, now: datetime) -> int:
    """A sweep: writes down what time this process believes in."""
    session.execute(text("UPDATE shown_times SET shown = :now, noted_at = now()"), {"now": now})
    return 0


def misbehave(session: Session, kind: OrganisationKind) -> None:
    """Do what a poisonous message does."""
    if kind is TOO_SOON:
        raise NotYet
    if kind is CRASHES:
        crash_server(session)
    if kind is RAISES:
        raise ZeroDivisionError
    if kind is KILLS:
        os.kill(os.getpid(), signal.SIGKILL)
    if kind is HANGS:
        time.sleep(3600)


def crash_server(session: Session) -> None:
    """Let the server's process that works for us die, as a fault in the server's code would.

    Then all others are ended, and what the server remembers is made again from its log.
    """
    backend = session.scalar(text("SELECT pg_backend_pid()"))
    os.kill(int(backend or 0), signal.SIGKILL)
    session.execute(text("SELECT 1"))


class DyingBroker(Broker):
    """A broker connection whose process is killed at its first sending, before or after it."""

    def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
        """Die once: the marker file outlives the process."""
        marker = Path(os.environ["LAB_DIED_FILE"])
        if not marker.exists() and os.environ["LAB_DIES"] == "before":
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().send_frames(frames)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def main(role: str, shift: float) -> None:
    """``python -m tests.faults.roles worker|relay|back|sender [CLOCK SHIFT]``."""
    if shift:
        shift_clocks(shift)
    if "LAB_DIES" in os.environ:
        vars(relay_process)["Broker"] = DyingBroker
    settings = LabSettings()
    sweeps = [Sweep("note_clock", note_clock)]
    roles: dict[str, Callable[[], None]] = {
        "worker": lambda: run_worker(settings, consumer),
        "relay": lambda: run_relay(settings, Duties(RECEIVER, sweeps)),
        "back": lambda: run_back(settings, consumer, Duties(RECEIVER, sweeps)),
        "sender": lambda: run_relay(settings, Duties(SENDER, sweeps)),
    }
    roles[role]()


def shift_clocks(shift: float) -> None:
    """Let this process believe in another time, as a machine with a wrong clock does."""
    true_time, true_now = time.time, clock.utc_now

    def shifted_now() -> datetime:
        return true_now() + timedelta(seconds=shift)

    time.time = lambda: true_time() + shift
    # The processes bound the clock when they were imported: each is given the wrong one.
    for module in (clock, timepiece):
        vars(module)["utc_now"] = shifted_now


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
