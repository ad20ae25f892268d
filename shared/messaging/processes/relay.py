"""The relay process of a service."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts import Queue
from shared.kit.database import Database, make_engine
from shared.kit.logging import configure
from shared.kit.memory import freeze_gc
from shared.kit.retention import Retention
from shared.kit.settings import ServiceSettings
from shared.messaging.broker import Broker
from shared.messaging.envelope import Links
from shared.messaging.lateness import LATENESS
from shared.messaging.pulse import Pulse
from shared.messaging.relay import Relay
from shared.messaging.retention import common, pruning
from shared.messaging.sweeps import Sweep

NAME = "relay"
"""What its session is called at the database: by it the health check knows it."""


@dataclass(frozen=True)
class Duties:
    """What the relay of a service sees to; ``retention`` is of the service's own tables."""

    service: Queue
    sweeps: Sequence[Sweep] = ()
    retention: Sequence[Retention] = ()


def make_relay(settings: ServiceSettings, duties: Duties, pulse: Pulse) -> Relay:
    """The relay of a service, which beats at every step."""
    engine = make_engine(settings.database_url, pool_size=1, name=NAME)
    retention = [*common(settings.closed_days), *duties.retention]
    return Relay(
        duties.service,
        Database(engine).begin,
        Broker(duties.service, settings.broker_url, settings.sentinels),
        Links.load(settings.link_keys_file),
        lease_seconds=settings.lease_seconds,
        frame=settings.frame,
        sweeps=[*duties.sweeps, LATENESS, *pruning(retention)],
        beat=pulse.beat,
        timepiece=settings.timepiece,
    )


def run_relay(settings: ServiceSettings, duties: Duties) -> None:
    """Sweep until SIGTERM or SIGINT."""
    configure(duties.service, "relay", settings.log_level)
    pulse = Pulse("relay")
    relay = make_relay(settings, duties, pulse)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: relay.stop())
    freeze_gc()
    pulse.start()
    relay.run()
