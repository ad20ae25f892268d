"""What the processes of notification read from their environment."""

from pathlib import Path

from pydantic import model_validator

from shared.kit.configuration import settings_config
from shared.kit.settings import ServiceSettings


class NotificationSettings(ServiceSettings):
    """The common settings, under the prefix ``NOTIFICATION_``: all that API and relay are told."""

    model_config = settings_config("NOTIFICATION_")


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
    mail_from: str = ""
    """The mailbox that mails come from."""
    console_address: str = ""
    """Where the links in mails lead."""

    @model_validator(mode="after")
    def _mails_are_whole(self) -> "NotificationWorkerSettings":
        """Mails come from somewhere, and lead somewhere."""
        if self.smtp_host and not (self.mail_from and self.console_address):
            raise ValueError("SMTP_HOST needs MAIL_FROM and CONSOLE_ADDRESS")
        return self
