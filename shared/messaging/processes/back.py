"""A service's worker and its relay in one process, for a small server.

Both are what they are apart; they share an interpreter and what it has imported. The worker has the
main thread, where signals arrive and a handler that hangs is interrupted, the relay one beside it.
"""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from shared.kit.settings import ServiceSettings
from shared.messaging.beside import Beside
from shared.messaging.consumer import Consumer
from shared.messaging.processes.relay import Duties, make_relay
from shared.messaging.processes.worker import MakeCompanion, ask_to_end, run_worker
from shared.messaging.pulse import Pulse
from shared.messaging.relay import Relay

ENDING = 10.0
"""Seconds a round may go on when the process is told to end; what is cut off is taken up again."""


class RelayBeside:
    """The relay on a thread of its own. If it ends by itself, so does the process."""

    def __init__(
        self, relay: Relay, pulse: Pulse, on_death: Callable[[], None] = ask_to_end
    ) -> None:
        self._relay = relay
        self._pulse = pulse
        self._beside = Beside("relay", relay.run, on_death=on_death)

    def start(self) -> None:
        """Begin to sweep."""
        self._pulse.start()
        self._beside.start()

    def committed(self, _session: Session) -> None:
        """Nothing to do: it looks every second."""

    def stop(self) -> None:
        """End after this round."""
        self._relay.stop()
        self._beside.join(ENDING)
        self._pulse.close()


def run_back(
    settings: ServiceSettings,
    consumer: Consumer,
    duties: Duties,
    *,
    companions: Sequence[MakeCompanion] = (),
) -> None:
    """Consume and sweep until told to stop."""

    def relay(_begin: object) -> RelayBeside:
        pulse = Pulse("relay")
        return RelayBeside(make_relay(settings, duties, pulse), pulse)

    run_worker(settings, consumer, process="back", companions=[*companions, relay])
