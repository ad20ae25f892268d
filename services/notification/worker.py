"""The worker process of notification: takes messages, and sends what they made due."""

import ssl
from functools import partial
from random import SystemRandom

from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway
from services.notification.settings import NotificationWorkerSettings
from services.notification.tasks.messages import consumer
from services.notification.tasks.sender import Limits, Sender
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.key_checks import WEBHOOK_MASTER, recognise, recognised
from shared.messaging.processes.worker import ask_to_end, run_worker
from shared.messaging.pulse import Pulse
from shared.outbound import AddressRules


def make_sender(settings: NotificationWorkerSettings, begin: Begin) -> Sender:
    """The sender, on transactions and a gateway of its own."""
    rules = AddressRules(settings.allow_loopback, settings.https_ports)
    context = ssl.create_default_context()
    pulse = Pulse("sender")
    pulse.start()
    master = bytes.fromhex(settings.webhook_master_file.read_text().strip())
    return Sender(
        recognised(
            begin, lambda session: recognise(session, {WEBHOOK_MASTER: master}, now=utc_now())
        ),
        HttpGateway(rules, seconds=settings.deadline_seconds, context=context),
        master=master,
        clock=utc_now,
        limits=Limits(
            settings.connections,
            settings.connections_per_endpoint,
            settings.claim_lease_seconds,
        ),
        pacing=Pacing(SystemRandom(), settings.retry_unit_seconds),
        on_death=ask_to_end,
        beat=pulse.beat,
    )


def main() -> None:
    """Consume the service's queue, and send, until told to stop."""
    settings = NotificationWorkerSettings()
    run_worker(settings, consumer, companions=[partial(make_sender, settings)])


if __name__ == "__main__":
    main()
