"""What the processes of notification read from their environment."""

from pathlib import Path

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
