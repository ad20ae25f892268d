"""The relay process of verification; it also finds who decides, and what stands still."""

from services.verification import domain
from services.verification.settings import VerificationSettings
from shared.clocks import FOLLOW, RECOUNT, WATCH, follow
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.sweeps import Sweep

DUTIES = Duties(
    service=Queue.VERIFICATION,
    sweeps=[
        Sweep(domain.ASSIGN, domain.assign_waiting),
        Sweep(domain.FIND, domain.find_protectors),
        # Days are counted; a minute is soon enough.
        Sweep(WATCH, domain.WATCHING.watch, every=60.0),
        # A row is published a few times a year, and few of them move what runs.
        Sweep(FOLLOW, follow, every=60.0),
        Sweep(RECOUNT, domain.WATCHING.recount, every=3600.0),
        Sweep(domain.WATCH, domain.watch_standstills, every=60.0),
        Sweep(domain.WATCH_PROTECTIONS, domain.watch_protections, every=60.0),
    ],
    retention=domain.RETENTION,
)


def main() -> None:
    """Sweep until told to stop."""
    run_relay(VerificationSettings(), DUTIES)


if __name__ == "__main__":
    main()
