"""The worker process of notification: takes messages, and sends what they made due."""

import ssl
from functools import partial
from random import SystemRandom
from typing import Any

from services.notification.channels import Channel, Channels, WebhookChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway, MailServer, SmtpGateway
from services.notification.settings import NotificationWorkerSettings
from services.notification.tasks.messages import consumer
from services.notification.tasks.sender import Limits, Sender
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.key_checks import WEBHOOK_MASTER, recognise, recognised
from shared.messaging.processes.worker import ask_to_end, run_worker
from shared.messaging.pulse import Pulse
from shared.outbound import AddressRules


def make_sender(settings: NotificationWorkerSettings, begin: Begin) -> Sender:
    """The sender, on transactions and channels of its own."""
    pulse = Pulse("sender")
    pulse.start()
    master = bytes.fromhex(settings.webhook_master_file.read_text().strip())
    return Sender(
        recognised(
            begin, lambda session: recognise(session, {WEBHOOK_MASTER: master}, now=utc_now())
        ),
        make_channels(settings, master),
        limits=Limits(
            settings.connections,
            settings.connections_per_endpoint,
            settings.claim_lease_seconds,
        ),
        pacing=Pacing(SystemRandom(), settings.retry_unit_seconds),
        on_death=ask_to_end,
        beat=pulse.beat,
    )


def make_channels(settings: NotificationWorkerSettings, master: bytes) -> Channels:
    """Webhooks always; e-mail where there is a server that sends mails on."""
    rules = AddressRules(settings.allow_loopback, settings.https_ports)
    context = ssl.create_default_context()
    webhooks = HttpGateway(rules, seconds=settings.deadline_seconds, context=context)
    channels: dict[ChannelKind, Channel[Any]] = {
        ChannelKind.WEBHOOK: WebhookChannel(webhooks, master=master, clock=utc_now)
    }
    if settings.smtp_host:
        channels[ChannelKind.EMAIL] = _mails(settings)
    return channels


def _mails(settings: NotificationWorkerSettings) -> Channel[Any]:
    # Texts are held by a process that writes any.
    from services.notification.channels.mail import EmailChannel  # noqa: PLC0415

    gateway = SmtpGateway(
        _mail_server(settings),
        seconds=settings.deadline_seconds,
        context=ssl.create_default_context(cafile=settings.smtp_ca_file),
    )
    return EmailChannel(gateway, sender=settings.mail_from, console=settings.console_address)


def _mail_server(settings: NotificationWorkerSettings) -> MailServer:
    user, password = settings.smtp_user or None, settings.smtp_password_file
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        hello=settings.mail_from.rpartition("@")[2],
        is_tls_implicit=settings.smtp_tls_implicit,
        user=user,
        password=password.read_text().strip() if user and password else "",
    )


def main() -> None:
    """Consume the service's queue, and send, until told to stop."""
    settings = NotificationWorkerSettings()
    run_worker(settings, consumer, companions=[partial(make_sender, settings)])


if __name__ == "__main__":
    main()
