"""The relay process of notification; it also moves what waits for an endpoint, or lost it."""

from services.notification import domain
from services.notification.settings import NotificationSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.sweeps import Sweep

DUTIES = Duties(
    service=Queue.NOTIFICATION,
    sweeps=[
        Sweep(domain.RELEASE, domain.release_deliveries),
        Sweep(domain.STRAND, domain.strand_deliveries),
        Sweep(domain.TELL_OWNERS, domain.tell_owners, every=5.0),
        # An address comes with hours or days; what waits for it is counted now and then.
        Sweep(domain.WATCH_UNREACHED, domain.watch_unreached, every=60.0),
    ],
    retention=domain.RETENTION,
)


def main() -> None:
    """Sweep until told to stop."""
    run_relay(NotificationSettings(), DUTIES)


if __name__ == "__main__":
    main()
