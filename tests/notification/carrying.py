"""Workers whose gateways of SMS and mail servers stand in files."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from services.notification import domain, worker
from services.notification.settings import NotificationWorkerSettings
from shared.contracts.vocabulary import ChannelKind, Role
from shared.kit.identifiers import new_id
from shared.messaging.parking import ReplayReason
from tests.notification.builders import MASTER
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import SECRET
from tests.subjects import somebody

AWAY = "http://127.0.0.1:9/v1"
"""Where nobody listens."""
AT_ONCE = 0.002
"""What a second of the schedule lasts where rests and waits are soon over."""
Make = Callable[..., Office]
Settings = Callable[..., NotificationWorkerSettings]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A worker as it is set up; what its files name is given."""

    def make(sms: str = "", mail: str = "", **more: Any) -> NotificationWorkerSettings:
        for name, said in (("master", MASTER.hex()), ("keys", "{}"), ("sms", sms), ("mail", mail)):
            if said:
                (tmp_path / name).write_text(said)
        facts: dict[str, Any] = {
            "database_url": "postgresql://nobody@127.0.0.1/none",
            "broker_url": "redis://127.0.0.1/0",
            "link_keys_file": tmp_path / "keys",
            "jwks_file": tmp_path / "keys",
            "issuer": "https://nhipcau.example",
            "webhook_master_file": tmp_path / "master",
            "sms_gateways_file": tmp_path / "sms",
            "mail_servers_file": tmp_path / "mail",
            "mail_from": "thong-bao@nhipcau.example",
            "console_address": "https://nhipcau.example",
            "allow_loopback": True,
            "deadline_seconds": 1.0,
        }
        return NotificationWorkerSettings(**(facts | more))

    return make


def gateway(name: str, address: str, secret: str = SECRET, weight: int = 1) -> str:
    """A gateway as the file names it."""
    return f'[{name}]\nweight = {weight}\naddress = "{address}"\nsecrets = ["{secret}"]\n'


def server(name: str, port: int, weight: int = 1) -> str:
    """A mail server as the file names it."""
    return f'[{name}]\nweight = {weight}\nhost = "{LOOPBACK}"\nport = {port}\n'


@pytest.fixture
def carrying(make_office: MakeOffice, settings: Settings) -> Make:
    """A sender whose files name these."""

    def make(sms: str = "", mail: str = "", unit: float = AT_ONCE, **limits: Any) -> Office:
        channels = dict(worker.make_channels(settings(sms, mail), MASTER))
        del channels[ChannelKind.WEBHOOK]
        return make_office(more=channels, unit=unit, **limits)

    return make


def replayed(session: Session, delivery_id: UUID, now: datetime) -> None:
    domain.replay_delivery(
        session,
        delivery_id=delivery_id,
        subject=somebody(new_id(), Role.OPERATOR),
        reason=ReplayReason.CAUSE_FIXED,
        actor="operator",
        now=now,
    )
