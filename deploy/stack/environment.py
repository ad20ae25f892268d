"""What each process of a service finds in its environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from deploy.stack import keys as names
from deploy.stack.databases import UrlOf
from deploy.stack.keys import Keys
from shared.contracts import Queue

CODE = Path(__file__).resolve().parents[2]
"""The folder that holds ``services`` and ``shared``."""


class Process(StrEnum):
    """The processes of a service; a back is worker and relay in one, for a small server."""

    API = "api"
    WORKER = "worker"
    RELAY = "relay"
    BACK = "back"


@dataclass(frozen=True)
class Environment:
    """Addresses and secrets of one installation."""

    keys: Keys
    url_of: UrlOf
    broker_url_of: Callable[[str], str]
    base_url: str
    extra: Mapping[str, str] = field(default_factory=dict)
    """Settings that a demonstration or a test changes, full names."""

    def everything(self) -> dict[str, str]:
        """The settings of the APIs of all services, for a process that hosts all of them."""
        found = self._process()
        for service in Queue:
            found |= self._settings(service, Process.API)
        return found | self._console() | dict(self.extra)

    def of(self, service: Queue, process: Process) -> dict[str, str]:
        """The settings of one process of one service, and of no other."""
        prefix = service.upper() + "_"
        mine = {name: value for name, value in self.extra.items() if name.startswith(prefix)}
        return self._process() | self._settings(service, process) | mine

    @property
    def token_url(self) -> str:
        """Where access tokens are asked for; also the audience of a client's assertion."""
        return f"{self.base_url}/directory/v1/token"

    def _process(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "HOME", "TMPDIR")
            if name in os.environ
        }
        return {**inherited, "PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"}

    def _settings(self, service: Queue, process: Process) -> dict[str, str]:
        common = {
            "DATABASE_URL": self.url_of(service, service),
            "BROKER_URL": self.broker_url_of(service),
            "LINK_KEYS_FILE": str(self.keys.link_file(service)),
            "JWKS_FILE": str(self.keys.path(names.JWKS)),
            "ISSUER": self.base_url,
        }
        prefix = service.upper()
        told = {**common, **self._own().get((service, process), {})}
        return {f"{prefix}_{name}": value for name, value in told.items()}

    def _console(self) -> dict[str, str]:
        """The console, which is served by the process that hosts all APIs, and asks it."""
        return {
            "CONSOLE_APIS": self.base_url,
            "CONSOLE_TOKEN_ENDPOINT": self.token_url,
            "CONSOLE_KEY_FILE": str(self.keys.path(names.CONSOLE_KEY)),
            "CONSOLE_ADDRESS": self.base_url,
        }

    def _own(self) -> Mapping[tuple[Queue, Process], Mapping[str, str]]:
        """What only this process of this service is told: mostly where a key is that it opens."""
        webhook_master = {"WEBHOOK_MASTER_FILE": str(self.keys.path(names.WEBHOOK_MASTER))}
        sending = {
            **webhook_master,
            "INTAKE_ADDRESS": self.base_url,
            "APIS": self.base_url,
            "CONSOLE_ADDRESS": self.base_url,
        }
        return {
            (Queue.DIRECTORY, Process.API): {
                "TOKEN_KEY_FILE": str(self.keys.path(names.TOKEN_KEY)),
                "TOKEN_ENDPOINT": self.token_url,
                "STAFF_MASTER_FILE": str(self.keys.path(names.STAFF_MASTER)),
                **webhook_master,
            },
            (Queue.INTAKE, Process.API): {
                "MASTER_KEYS_FILE": str(self.keys.path(names.MASTER_KEYS))
            },
            (Queue.NOTIFICATION, Process.WORKER): sending,
            (Queue.NOTIFICATION, Process.BACK): sending,
        }
