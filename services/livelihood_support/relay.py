"""The relay process of livelihood support, with what time and freed places bring about."""

from services.livelihood_support import domain
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.clocks import FOLLOW, RECOUNT, WATCH, follow
from shared.contracts import Queue
from shared.messaging.processes.relay import Duties, run_relay
from shared.messaging.sweeps import Sweep


def duties(settings: LivelihoodSupportSettings) -> Duties:
    """What its relay sees to."""
    return Duties(
        service=Queue.LIVELIHOOD_SUPPORT,
        sweeps=[
            Sweep("expire_offers", domain.expire_offers),
            # Due at the end of a day, like a purge.
            Sweep(
                "pass_on_undelivered", domain.pass_on_undelivered, every=settings.unreached_seconds
            ),
            # A row is published a few times a year, and few of them move what runs.
            Sweep(domain.FOLLOW, domain.follow_rules, every=60.0),
            Sweep(FOLLOW, follow, every=60.0),
            # Days are counted; what somebody has just accepted shows its last day soon after.
            Sweep(WATCH, domain.watch_clocks, every=10.0),
            Sweep(RECOUNT, domain.WATCHING.recount, every=3600.0),
            Sweep(domain.ALERT, domain.alert_unstarted, every=60.0),
            Sweep("retry_unplaced", domain.retry_unplaced),
            # Who is identified by a paper is so within seconds, and needs no plan before.
            Sweep(domain.BEGIN, domain.begin_presumed, every=60.0),
            # A window closes at the end of a day.
            Sweep("watch_windows", domain.watch_windows, every=900.0),
            # Nothing is gained by looking every second.
            Sweep("alert_owed_purges", domain.alert_owed_purges, every=60.0),
            # Days are counted, and where the periods are set there is nothing to find.
            Sweep("alert_unanswered", domain.alert_unanswered, every=900.0),
            # A last day begins at midnight.
            Sweep("alert_unread", domain.alert_unread, every=settings.unreached_seconds),
            # Only after an upgrade is there anything to find.
            Sweep("mend_needs", domain.mend_needs, every=60.0),
            Sweep(domain.TELL_ALERTS, domain.tell_alerts),
        ],
        retention=domain.RETENTION,
    )


def main() -> None:
    """Sweep until told to stop."""
    settings = LivelihoodSupportSettings()
    run_relay(settings, duties(settings))


if __name__ == "__main__":
    main()
