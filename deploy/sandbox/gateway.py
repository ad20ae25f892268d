"""How a sandbox on one machine has its gateway of SMS, and how the exchange is told of it."""

import base64
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.program import Program
from deploy.sandbox.sms_gateway import MESSAGES
from deploy.stack.environment import CODE
from deploy.stack.keys import SMS_SECRET, write_private

NAME = "sms-gateway"
"""Of its program, and of its folder in that of the installation."""


@dataclass(frozen=True)
class TextGateway:
    """The gateway of one installation, at a loopback port of this start."""

    folder: Path
    port: int

    @classmethod
    def prepare(cls, data: Path) -> "TextGateway":
        """Its folder, with the secret that it shares with the exchange; each is made once."""
        gateway = cls(data.absolute() / NAME, free_port())
        gateway.folder.mkdir(mode=0o700, exist_ok=True)
        if not gateway._secret.exists():
            key = base64.b64encode(secrets.token_bytes(32))
            write_private(gateway._secret, b"whsec_" + key + b"\n")
        return gateway

    @property
    def texts_url(self) -> str:
        """Where one can see what it took."""
        return f"http://{LOOPBACK}:{self.port}{MESSAGES}"

    @property
    def settings(self) -> Mapping[str, str]:
        """What the exchange is told of it."""
        return {
            "NOTIFICATION_SMS_GATEWAY_ADDRESS": self.texts_url.removesuffix("/messages"),
            "NOTIFICATION_SMS_SECRET_FILE": str(self._secret),
        }

    def program(self, exchange: str) -> Program:
        """The gateway, which reports to the exchange at this address."""
        told = [str(self.port), exchange, str(self._secret), str(self.folder / "texts.sqlite")]
        return Program(
            name=NAME,
            argv=[sys.executable, "-m", "deploy.sandbox.sms_gateway", *told],
            env={"PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"},
            cwd=CODE,
            port=self.port,
            ready=self._is_there,
        )

    @property
    def _secret(self) -> Path:
        return self.folder / SMS_SECRET

    def _is_there(self) -> bool:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", MESSAGES)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
