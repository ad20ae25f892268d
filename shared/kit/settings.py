"""Settings every process of a service reads, once, in its composition root."""

from pathlib import Path
from typing import Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings

from shared.kit.configuration import settings_config
from shared.kit.database import IDLE_SECONDS
from shared.kit.retention import CLOSED_DAYS, MOST_CLOSED_DAYS
from shared.kit.sentinels import SCHEME, Sentinels
from shared.kit.timepiece import PRESENT, Delayed, Timepiece

LOOPBACK = "http://127.0.0.1:"


class ServiceSettings(BaseSettings):
    """What all services have in common; a service adds its own in its ``settings.py``."""

    model_config = settings_config("NHIPCAU_")

    database_url: str
    """``postgresql+psycopg://role@/database?host=/socket/folder``."""
    broker_url: str
    """``redis+socket:///path`` or ``redis://user:password@host:port/0``.

    With Redis Sentinel ``sentinel://user:password@host:26379/0;sentinel://host:26379``: the
    addresses of the sentinels, with the user and password of the servers they watch.
    """
    broker_master_name: str | None = None
    """With Sentinel: the name of the group of servers, as in ``sentinel monitor NAME``."""
    broker_sentinel_username: str | None = None
    """With Sentinel: as whom the sentinels are asked, if they have users of their own."""
    broker_sentinel_password: SecretStr | None = None
    """With Sentinel: the password of the sentinels, if they have one."""
    link_keys_file: Path
    """JSON: the keys that sign the envelopes between this service and each of its peers."""
    jwks_file: Path
    """JSON Web Key Set (RFC 7517) with the public keys of the token endpoint."""
    issuer: str = "https://nhipcau.test"
    """``iss`` of accepted access tokens (RFC 9068)."""
    audience: str = "nhipcau"
    """``aud`` of accepted access tokens."""
    pool_size: int = 5
    lease_seconds: float = 30.0
    """How long a published parcel may stay without a receipt before it is published again."""
    closed_days: int = Field(default=CLOSED_DAYS, ge=1, le=MOST_CLOSED_DAYS)
    """How long a message its receiver has committed is kept, in case the receiver is restored.

    The inbox remembers for 90 days: what is told again must meet its row there.
    """
    frame: int = Field(default=64, ge=1, le=256)
    """How many messages are in one parcel, and in one frame, at most.

    No parcel may have more than a worker handles in one transaction.
    """
    handler_seconds: float = Field(default=10.0, gt=0, lt=IDLE_SECONDS)
    """How long a frame may be handled: its transaction must not be idle for longer.

    A worker of which no step comes to its end, handler or statement (30 s), ends itself 8 s after
    that; the canary alarms after 60 s.
    """
    log_level: str = "INFO"
    root_path: str = ""

    @model_validator(mode="after")
    def _know_the_master(self) -> Self:
        """Refuse sentinels of which no master is named, and a master without sentinels."""
        if self.broker_url.startswith(SCHEME) != bool(self.broker_master_name):
            raise ValueError(
                "a broker master name is needed with sentinel:// and with nothing else"
            )
        return self

    @property
    def timepiece(self) -> Timepiece:
        """Which moment it is for this service: that of the machine."""
        return PRESENT

    @property
    def sentinels(self) -> Sentinels | None:
        """Who says where the broker is; ``None`` where it has one address."""
        if self.broker_master_name is None:
            return None
        password = self.broker_sentinel_password
        return Sentinels(
            master_name=self.broker_master_name,
            username=self.broker_sentinel_username,
            password=password.get_secret_value() if password else None,
        )


class DatedSettings(ServiceSettings):
    """Of a service that keeps days of the law: a demonstration lets weeks of them pass."""

    delay_file: FilePath | None = None
    """A file that says how many seconds the day of this service lies back: demonstrations only.

    No process begins with it whose tokens are issued anywhere but on its own machine.
    """

    @model_validator(mode="after")
    def _be_in_the_present(self) -> Self:
        """Refuse a day of the past wherever real people are let in."""
        if self.delay_file is not None and not self.issuer.startswith(LOOPBACK):
            raise ValueError("a delay file is for a demonstration on one machine and nothing else")
        return self

    @property
    def timepiece(self) -> Timepiece:
        """Which moment it is for this service; in a demonstration one that lies back."""
        return PRESENT if self.delay_file is None else Delayed(self.delay_file)
