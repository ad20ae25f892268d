"""The relay process of intake; it also sees that people grow older, and what was left."""

from services.intake import domain
from services.intake.settings import IntakeSettings
from shared.clocks import FOLLOW, RECOUNT, WATCH, follow
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.sweeps import Sweep

DUTIES = Duties(
    service=Queue.INTAKE,
    # A band ends at the beginning of a day; a quarter of an hour later is soon enough.
    sweeps=[
        Sweep(domain.ADVANCE, domain.advance_age_bands, every=900.0),
        # Days are counted; what was just received shows its last day soon after.
        Sweep(WATCH, domain.watch_clocks, every=10.0),
        # A row is published a few times a year, and few of them move what runs.
        Sweep(FOLLOW, follow, every=60.0),
        Sweep(RECOUNT, domain.WATCHING.recount, every=3600.0),
        Sweep(domain.WATCH, domain.watch_duties, every=60.0),
    ],
    retention=domain.RETENTION,
)


def main() -> None:
    """Sweep until told to stop."""
    run_relay(IntakeSettings(), DUTIES)


if __name__ == "__main__":
    main()
