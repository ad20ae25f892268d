"""The relay process of notification; it also moves what waits for an endpoint, or lost it."""

from services.notification import domain
from services.notification.settings import NotificationSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import run_relay


def main() -> None:
    """Sweep until told to stop."""
    run_relay(
        NotificationSettings(),
        service=Queue.NOTIFICATION,
        sweeps=[domain.release_deliveries, domain.strand_deliveries],
    )


if __name__ == "__main__":
    main()
