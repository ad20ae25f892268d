"""How an installation names its gateways of SMS and mail servers: one, or several in a file."""

from pathlib import Path
from typing import Any

import pytest

from services.notification import app, worker
from shared.contracts.vocabulary import ChannelKind
from tests.notification.builders import MASTER
from tests.notification.carrying import AWAY, Settings, gateway, server, settings
from tests.notification.sms_gateway import OTHER_SECRET, SECRET

__all__ = ["settings"]

SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL
ONE_GATEWAY = {"sms_gateway_address": AWAY, "sms_secret_file": Path("none")}
"""What the settings say of one."""


def test_an_installation_names_one_gateway_and_one_server_in_its_settings(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n{OTHER_SECRET}\n")
    (tmp_path / "password").write_text("hush\n")
    made = settings(
        sms_gateway_address=AWAY,
        sms_secret_file=tmp_path / "secret",
        smtp_host="mail.example",
        smtp_user="exchange",
        smtp_password_file=tmp_path / "password",
    )
    assert app.sms_secrets(made) == {"main": (SECRET, OTHER_SECRET)}
    (one,) = worker.named_gateways(made).values()
    assert (one.address, one.secrets) == (AWAY, (SECRET, OTHER_SECRET))
    (mails,) = worker.named_servers(made).values()
    assert (mails.host, mails.port, mails.password) == ("mail.example", 587, "hush")
    channels = worker.make_channels(made, MASTER)
    assert worker.weights_of(channels) == {SMS: {"main": 1}, EMAIL: {"main": 1}}


def test_reports_of_every_gateway_of_a_file_are_believed(settings: Settings) -> None:
    made = settings(gateway("a", AWAY) + gateway("b", AWAY, OTHER_SECRET))
    assert app.sms_secrets(made) == {"a": (SECRET,), "b": (OTHER_SECRET,)}


@pytest.mark.parametrize(
    ("sms", "mail", "more", "what"),
    [
        (
            gateway("a", AWAY),
            "",
            ONE_GATEWAY,
            "SMS_GATEWAYS_FILE names",
        ),
        (gateway("a", AWAY) + gateway("b", AWAY), "", {}, "one secret for two gateways"),
        (gateway("a", AWAY, "hush"), "", {}, "no secret of Standard Webhooks"),
        (gateway("A_b", AWAY), "", {}, "match pattern"),
        (gateway("a", AWAY, weight=-1), "", {}, "greater than or equal to 0"),
        ("", server("a", 25), {"smtp_host": "mail.example"}, "MAIL_SERVERS_FILE names"),
        ("", server("a", 25), {"mail_from": ""}, "needs MAIL_FROM"),
        ("", server("a", 25) + 'pasword = "hush"\n', {}, "Extra inputs"),
        ("# none", "", {}, "names nobody"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_and_no_secret_is_shown(
    settings: Settings, sms: str, mail: str, more: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValueError, match=what) as refused:
        worker.make_channels(settings(sms, mail, **more), MASTER)
    for hidden in (SECRET, "hush"):
        assert hidden not in str(refused.value)
