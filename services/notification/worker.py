"""The worker process of notification: takes messages, and sends what they made due."""

import ssl
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.channels import (
    CarriedChannel,
    Carriers,
    Channel,
    Channels,
    WebhookChannel,
)
from services.notification.domain import Pacing
from services.notification.gateways import (
    HttpGateway,
    IntakeGateway,
    MailServer,
    SmtpGateway,
)
from services.notification.policy import (
    MAIN,
    NamedGateway,
    NamedServer,
    PersonalKind,
    ReturnAddress,
    Weights,
    gateways_in,
    secrets_in,
    servers_in,
)
from services.notification.policy.templates import Wording
from services.notification.settings import NotificationWorkerSettings
from services.notification.tasks.messages import consumer
from services.notification.tasks.persons import PersonSender
from services.notification.tasks.recorder import DatabaseRecorder
from services.notification.tasks.sender import Limits, Sender
from shared.contracts.simulator import HOST
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.key_checks import WEBHOOK_MASTER, recognise, recognised
from shared.messaging.envelope import Links
from shared.messaging.processes.worker import Companion, MakeCompanion, ask_to_end, run_worker
from shared.messaging.pulse import Pulse
from shared.outbound import AddressRules
from shared.outbound.addresses import HTTPS_PORT

if TYPE_CHECKING:
    from services.notification.channels.sms import SmsChannel
    from shared.texts import TextLanguage


NOBODY = HOST
"""Where a sandbox without servers of its own would send: a name that is never anybody's."""
NO_GATEWAY = NamedGateway(address=f"https://{NOBODY}", secrets=(f"whsec_{'A' * 32}",))
"""A gateway of SMS where there is none: what it would sign never leaves."""


def make_sender(settings: NotificationWorkerSettings, begin: Begin) -> Sender:
    """The sender, on transactions and channels of its own."""
    pulse = Pulse("sender")
    pulse.start()
    master = bytes.fromhex(settings.webhook_master_file.read_text().strip())

    def look(session: Session) -> None:
        recognise(session, {WEBHOOK_MASTER: master}, now=utc_now())
        domain.look_over(session, most=settings.sms_most_segments)

    channels = make_channels(settings, master)
    return Sender(
        recognised(begin, look),
        channels,
        weights=weights_of(channels),
        recording=make_recording(settings, master, begin) if settings.is_sandbox else None,
        limits=Limits(
            settings.connections,
            settings.connections_per_endpoint,
            settings.claim_lease_seconds,
            settings.sms_most_segments,
        ),
        pacing=Pacing(SystemRandom(), settings.retry_unit_seconds),
        on_death=ask_to_end,
        beat=pulse.beat,
    )


def make_person_sender(settings: NotificationWorkerSettings, begin: Begin) -> PersonSender:
    """The sender of messages to persons, on transactions and connections of its own."""
    pulse = Pulse("person-sender")
    pulse.start()
    return PersonSender(
        begin,
        IntakeGateway(
            Links.load(settings.link_keys_file),
            settings.intake_address,
            seconds=settings.deadline_seconds,
        ),
        _phones(settings) if named_gateways(settings) else None,
        lease_seconds=settings.claim_lease_seconds,
        unit_seconds=settings.retry_unit_seconds,
        on_death=ask_to_end,
        beat=pulse.beat,
    )


def companions(settings: NotificationWorkerSettings) -> list[MakeCompanion]:
    """What goes on beside the consuming; to persons nothing is sent while intake is not known."""
    found: list[MakeCompanion] = [partial(make_sender, settings)]
    if settings.intake_address:
        found.append(partial(make_person_sender, settings))
    if settings.apis and (named_servers(settings) or named_gateways(settings)):
        found.append(partial(make_digester, settings))
    if settings.bounces_folder:
        found.append(partial(make_bounce_reader, settings))
    return found


def named_gateways(settings: NotificationWorkerSettings) -> Mapping[str, NamedGateway]:
    """By name the gateways of SMS: those of a file, or the one that the settings name.

    Raises ``ValueError`` where both name some.
    """
    several, one = settings.sms_gateways_file, settings.sms_gateway_address
    secret = settings.sms_secret_file
    if several and several.exists():
        if one:
            raise ValueError("SMS_GATEWAYS_FILE names gateways: take SMS_GATEWAY_ADDRESS away")
        return gateways_in(several.read_text(encoding="utf-8"))
    if not one or secret is None:
        return {}
    return {MAIN: NamedGateway(address=one, secrets=secrets_in(secret.read_text()))}


def named_servers(settings: NotificationWorkerSettings) -> Mapping[str, NamedServer]:
    """By name the mail servers: those of a file, or the one that the settings name.

    Raises ``ValueError`` where both name some, or mails would come from nobody.
    """
    several, one = settings.mail_servers_file, settings.smtp_host
    if several and several.exists():
        if one:
            raise ValueError("MAIL_SERVERS_FILE names servers: take SMTP_HOST away")
        if not (settings.mail_from and settings.console_address):
            raise ValueError("MAIL_SERVERS_FILE needs MAIL_FROM and CONSOLE_ADDRESS")
        return servers_in(several.read_text(encoding="utf-8"))
    password = settings.smtp_password_file if settings.smtp_user else None
    named = NamedServer(
        host=one or NOBODY,
        port=settings.smtp_port,
        tls_implicit=settings.smtp_tls_implicit,
        user=settings.smtp_user,
        password=password.read_text().strip() if one and password else "",
        ca_file=settings.smtp_ca_file,
    )
    return {MAIN: named} if one else {}


def make_channels(settings: NotificationWorkerSettings, master: bytes) -> Channels:
    """Webhooks always; e-mail where there is a server for it, SMS where there is a gateway."""
    carried = {kind: CarriedChannel(each) for kind, each in _carried(settings, master).items()}
    return {ChannelKind.WEBHOOK: _webhooks(settings, master), **carried}


def weights_of(channels: Channels) -> Weights:
    """Of the channels that several may carry, their carriers."""
    return {
        kind: channel.weights
        for kind, channel in channels.items()
        if isinstance(channel, CarriedChannel)
    }


def make_recording(settings: NotificationWorkerSettings, master: bytes, begin: Begin) -> Channels:
    """Every channel of a sandbox, whatever servers and gateways it has."""
    # What it holds of texts, a process elsewhere need not.
    from services.notification.channels.recording import RecordingChannel  # noqa: PLC0415

    recorder = DatabaseRecorder(begin)
    servers = named_servers(settings) or {MAIN: NamedServer(host=NOBODY)}
    gateways = named_gateways(settings) or {MAIN: NO_GATEWAY}
    told = {"mail_from": settings.mail_from or f"exchange@{NOBODY}"}
    named = settings.model_copy(update=told)
    channels: Channels = {
        ChannelKind.WEBHOOK: _webhooks(settings, master),
        ChannelKind.EMAIL: _mails(named, next(iter(servers.values())), master),
        ChannelKind.SMS: _texts(settings, next(iter(gateways.values()))),
    }
    return {
        kind: RecordingChannel(channel, recorder, slow_seconds=settings.deadline_seconds / 2)
        for kind, channel in channels.items()
    }


def _webhooks(settings: NotificationWorkerSettings, master: bytes) -> Channel[Any]:
    rules = AddressRules(settings.allow_loopback, settings.https_ports)
    context = ssl.create_default_context()
    gateway = HttpGateway(rules, seconds=settings.deadline_seconds, context=context)
    return WebhookChannel(gateway, master=master, clock=utc_now)


def _carried(
    settings: NotificationWorkerSettings, master: bytes
) -> dict[ChannelKind, Carriers[Channel[Any]]]:
    found: dict[ChannelKind, Carriers[Channel[Any]]] = {}
    servers = named_servers(settings)
    if servers:
        found[ChannelKind.EMAIL] = Carriers(
            {name: (each.weight, _mails(settings, each, master)) for name, each in servers.items()}
        )
    if named_gateways(settings):
        found[ChannelKind.SMS] = _phones(settings)
    return found


def _phones(settings: NotificationWorkerSettings) -> "Carriers[Any]":
    gateways = named_gateways(settings)
    return Carriers(
        {name: (each.weight, _texts(settings, each)) for name, each in gateways.items()}
    )


def _texts(settings: NotificationWorkerSettings, named: NamedGateway) -> "SmsChannel":
    from services.notification.channels.sms import SmsChannel  # noqa: PLC0415

    port = urlsplit(named.address).port
    gateway = HttpGateway(
        # Whoever runs the exchange names it: beside the worker, or at a provider's.
        AddressRules(allow_loopback=True, ports=frozenset({port or HTTPS_PORT})),
        seconds=settings.deadline_seconds,
        context=ssl.create_default_context(),
        is_repeated=False,
    )
    return SmsChannel(
        gateway,
        url=named.address,
        secrets=named.secrets,
        most=settings.sms_most_segments,
        clock=utc_now,
    )


def _mails(settings: NotificationWorkerSettings, named: NamedServer, master: bytes) -> Channel[Any]:
    # Texts are held by a process that writes any.
    from services.notification.channels.mail import EmailChannel  # noqa: PLC0415

    return EmailChannel(
        _smtp(settings, named),
        sender=settings.mail_from,
        console=settings.console_address,
        master=master,
        returns=_returns(settings, master),
    )


def _returns(settings: NotificationWorkerSettings, master: bytes) -> ReturnAddress | None:
    return ReturnAddress(master, settings.bounce_address) if settings.bounce_address else None


def _smtp(settings: NotificationWorkerSettings, named: NamedServer) -> SmtpGateway:
    server = MailServer(
        named.host,
        named.port,
        hello=settings.mail_from.rpartition("@")[2],
        is_tls_implicit=named.tls_implicit,
        user=named.user or None,
        password=named.password,
    )
    context = ssl.create_default_context(cafile=named.ca_file)
    return SmtpGateway(server, seconds=settings.deadline_seconds, context=context)


def make_digester(settings: NotificationWorkerSettings, begin: Begin) -> Companion:
    """Who tells people, and writes to offices about themselves (ADR 0057, 0063)."""
    from services.notification.gateways.exchange import ExchangeGateway  # noqa: PLC0415
    from services.notification.tasks.digests import DUTIES, Digester, Rhythm  # noqa: PLC0415

    pulse = Pulse("digests")
    pulse.start()
    master = bytes.fromhex(settings.webhook_master_file.read_text().strip())
    exchange = ExchangeGateway(
        settings.apis,
        links=Links.load(settings.link_keys_file),
        seconds=settings.deadline_seconds,
        clock=utc_now,
        beat=pulse.beat,
    )
    urgent = settings.urgent_look_seconds
    return Digester(
        begin,
        exchange,
        _personal_ways(settings, master, begin),
        clock=utc_now,
        pacing=Pacing(SystemRandom(), settings.retry_unit_seconds),
        on_death=ask_to_end,
        rhythm=Rhythm(
            look=settings.digest_look_seconds,
            notices=urgent,
            duties=urgent * DUTIES,
            lease=settings.claim_lease_seconds,
        ),
        beat=pulse.beat,
    )


def _personal_ways(
    settings: NotificationWorkerSettings, master: bytes, begin: Begin
) -> dict[ChannelKind, Carriers[Any]]:
    """By which people can be told: those of the ways that there is somebody to carry for."""
    from services.notification.channels.personal import PersonalMails  # noqa: PLC0415
    from services.notification.channels.personal_texts import PersonalTexts  # noqa: PLC0415

    returns = _returns(settings, master)

    def mails(named: NamedServer) -> PersonalMails:
        return PersonalMails(
            _smtp(settings, named),
            sender=settings.mail_from,
            console=settings.console_address,
            master=master,
            returns=returns,
        )

    def wording(
        kind: PersonalKind, organisation_id: UUID, language: "TextLanguage"
    ) -> Wording | None:
        with begin() as session:
            return domain.personal_wording(
                session,
                kind=kind,
                organisation_id=organisation_id,
                language=language,
                most=settings.sms_most_segments,
            )

    servers, gateways = named_servers(settings), named_gateways(settings)
    ways: dict[ChannelKind, Carriers[Any]] = {}
    if servers:
        by_mail = {name: (each.weight, mails(each)) for name, each in servers.items()}
        ways[ChannelKind.EMAIL] = Carriers(by_mail)
    if gateways:
        by_phone = {
            name: (each.weight, PersonalTexts(_texts(settings, each), wording))
            for name, each in gateways.items()
        }
        ways[ChannelKind.SMS] = Carriers(by_phone)
    return ways


def make_bounce_reader(settings: NotificationWorkerSettings, begin: Begin) -> Companion:
    """Who reads what came back (ADR 0062)."""
    from services.notification.tasks.bounces import BounceReader  # noqa: PLC0415

    pulse = Pulse("bounces")
    pulse.start()
    master = bytes.fromhex(settings.webhook_master_file.read_text().strip())
    return BounceReader(
        begin,
        Path(settings.bounces_folder),
        ReturnAddress(master, settings.bounce_address),
        clock=utc_now,
        on_death=ask_to_end,
        beat=pulse.beat,
    )


def main() -> None:
    """Consume the service's queue, and send, until told to stop."""
    settings = NotificationWorkerSettings()
    run_worker(settings, consumer, companions=companions(settings))


if __name__ == "__main__":
    main()
