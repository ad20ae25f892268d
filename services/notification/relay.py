"""The relay process of notification; it also moves what waits for an endpoint, or lost it."""

from functools import partial

from services.notification import domain
from services.notification.settings import NotificationSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.sweeps import Sweep


def duties(settings: NotificationSettings) -> Duties:
    """What its relay sees to."""
    watch_carriers = partial(domain.watch_carriers, rested_seconds=settings.carrier_alert_seconds)
    return Duties(
        service=Queue.NOTIFICATION,
        sweeps=[
            Sweep(domain.RELEASE, domain.release_deliveries),
            Sweep(domain.STRAND, domain.strand_deliveries),
            Sweep(domain.PARK_UNANSWERED, domain.park_unanswered),
            Sweep(domain.TELL_OWNERS, domain.tell_owners, every=5.0),
            # In a sandbox somebody waits for it; elsewhere there is never anything to report.
            Sweep(domain.REPORT_RECORDED, domain.report_recorded, every=2.0),
            # An address comes with hours or days; what waits for it is counted now and then.
            Sweep(domain.WATCH_UNREACHED, domain.watch_unreached, every=60.0),
            # A setting that is missing is missing for long.
            Sweep(domain.WATCH_CHANNELS, domain.watch_channels, every=60.0),
            Sweep(domain.WATCH_CARRIERS, watch_carriers, every=60.0),
        ],
        retention=domain.RETENTION,
    )


def main() -> None:
    """Sweep until told to stop."""
    settings = NotificationSettings()
    run_relay(settings, duties(settings))


if __name__ == "__main__":
    main()
