"""The relay process of a service."""

import signal
from collections.abc import Sequence

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


def run_relay(
    settings: ServiceSettings,
    *,
    service: Queue,
    sweeps: Sequence[Sweep] = (),
    retention: Sequence[Retention] = (),
) -> None:
    """Sweep until SIGTERM or SIGINT; ``retention`` is of the service's own tables."""
    configure(service, "relay", settings.log_level)
    pulse = Pulse("relay")
    relay = Relay(
        service,
        Database(make_engine(settings.database_url, pool_size=1)).begin,
        Broker(service, settings.broker_url, settings.sentinels),
        Links.load(settings.link_keys_file),
        lease_seconds=settings.lease_seconds,
        frame=settings.frame,
        sweeps=[*sweeps, LATENESS, *pruning([*common(settings.closed_days), *retention])],
        beat=pulse.beat,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: relay.stop())
    freeze_gc()
    pulse.start()
    relay.run()
