"""What the processes of notification read from their environment."""

from pathlib import Path

from pydantic import Field, model_validator

from shared.kit.configuration import settings_config
from shared.kit.settings import ServiceSettings


class NotificationSettings(ServiceSettings):
    """The common settings, under the prefix ``NOTIFICATION_``: all that API and relay are told."""

    model_config = settings_config("NOTIFICATION_")

    sms_secret_file: Path | None = None
    """A file with the secret (``whsec_...``) that is shared with the gateway of SMS: it signs what
    either says to the other. Of several, one a line, the first signs and all are believed. Without
    one no report is believed.
    """
    sms_gateways_file: Path | None = None
    """A file that names several gateways of SMS, with their secrets, in the place of the one that
    the settings name; a file that is not there names none.
    """
    carrier_alert_seconds: float = Field(default=900.0, gt=0)
    """After how long an operator is alerted of a mail server or gateway that rests, since its calls
    fail: a passing fault, or a restart over there, is over by then. Chosen here.
    """
    sms_most_segments: int = Field(default=2, ge=1, le=10)
    """How many segments one text may take; each is paid for. Whoever writes one is held to it."""


class NotificationWorkerSettings(NotificationSettings):
    """With those of sending, and the key it is signed with, for the one process that sends."""

    webhook_master_file: Path
    """A file with 64 hexadecimal digits: the key all endpoint secrets are derived from."""
    allow_loopback: bool = False
    """Call ``http://127.0.0.1:port`` and let names resolve to 127.0.0.1: demonstrations only."""
    https_ports: frozenset[int] = frozenset({443})
    """Ports of endpoints that may be called."""
    deadline_seconds: float = 10.0
    """Seconds for one whole call: connecting, sending and reading."""
    claim_lease_seconds: float = 60.0
    """Seconds after which a delivery is sent again if its sender died; longer than any call."""
    connections: int = 64
    """How many calls may be under way at once."""
    connections_per_endpoint: int = 16
    """How many of these go to one organisation; every failure in a row halves the number."""
    retry_unit_seconds: float = 1.0
    """What one second of the retry schedule lasts; smaller in tests and demonstrations."""
    smtp_host: str = ""
    """The server that sends mails on; what is to go by e-mail waits while there is none."""
    smtp_port: int = 587
    smtp_tls_implicit: bool = False
    """TLS from the first byte (port 465) instead of STARTTLS; without either only on loopback."""
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    """A file with the password of that user."""
    smtp_ca_file: Path | None = None
    """A file with the certificate of the authority that vouches for the server, if no public one
    does.
    """
    mail_servers_file: Path | None = None
    """A file that names several such servers, with their passwords, in the place of the one that
    the settings name; a file that is not there names none.
    """
    mail_from: str = ""
    """The mailbox that mails come from."""
    bounce_address: str = ""
    """The mailbox that mails come back to which cannot be delivered, with whatever stands after a
    ``+`` in its name, which has 15 letters at most. What comes there is put into the folder.
    """
    bounces_folder: str = ""
    """The Maildir in which that mail server, or whoever fetches from it, puts what came back."""
    console_address: str = ""
    """Where the links in mails lead."""
    apis: str = ""
    """Where a service's API answers; ``{service}`` stands for its name in addresses. Without it, or
    without a mail server, people are not written to, and no weekly page is.
    """
    digest_look_seconds: float = 10.0
    """Seconds between two looks at whom to write to; smaller in tests and demonstrations."""
    urgent_look_seconds: float = 60.0
    """Seconds between two looks at what is urgent for one person."""
    sms_gateway_address: str = ""
    """Where the gateway of SMS is: https, or http on 127.0.0.1; what is to go by SMS waits while
    there is none.
    """

    is_sandbox: bool = False
    """Whether what is to be sent to test organisations is recorded here; elsewhere it waits."""

    intake_address: str = ""
    """Where intake answers, for messages to persons; these wait while it is not known."""

    @model_validator(mode="after")
    def _texts_are_signed(self) -> "NotificationWorkerSettings":
        """A gateway believes nothing that is not signed."""
        if self.sms_gateway_address and self.sms_secret_file is None:
            raise ValueError("SMS_GATEWAY_ADDRESS needs SMS_SECRET_FILE")
        return self

    @model_validator(mode="after")
    def _bounces_are_read(self) -> "NotificationWorkerSettings":
        """Mails come back to where they are read."""
        if bool(self.bounce_address) != bool(self.bounces_folder):
            raise ValueError("BOUNCE_ADDRESS and BOUNCES_FOLDER need each other")
        return self

    @model_validator(mode="after")
    def _mails_are_whole(self) -> "NotificationWorkerSettings":
        """Mails come from somewhere, and lead somewhere."""
        if self.smtp_host and not (self.mail_from and self.console_address):
            raise ValueError("SMTP_HOST needs MAIL_FROM and CONSOLE_ADDRESS")
        return self
