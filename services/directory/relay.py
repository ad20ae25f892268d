"""The relay process of the directory; it also forgets assertions that are over."""

from services.directory import domain
from services.directory.settings import DirectorySettings
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay

DUTIES = Duties(
    service=Queue.DIRECTORY,
    retention=domain.RETENTION,
)


def main() -> None:
    """Sweep until told to stop."""
    run_relay(DirectorySettings(), DUTIES)


if __name__ == "__main__":
    main()
