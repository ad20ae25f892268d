"""What files beside docker-compose.yml change: for a demonstration, a small server, a sandbox."""

import importlib.util
from typing import Any

import yaml

from deploy.compose import keys
from deploy.sandbox import sms_gateway
from deploy.stack.programs import SMALL
from shared.contracts import Queue
from tests.compose.test_compose import CONTAINERS, OURS, ROOT, SECRETS


def test_the_demonstration_changes_waits_and_addresses_of_partners_and_nothing_else() -> None:
    text = (ROOT / "deploy/compose.demo.yml").read_text(encoding="utf-8")
    overlay = yaml.safe_load(text.replace("!reset ", ""))["services"]
    added = {"here", "simulator", "demo"}
    assert set(overlay) - added <= set(CONTAINERS)
    for name in added:
        assert overlay[name]["read_only"] is True
        assert overlay[name]["cap_drop"] == ["ALL"]
        assert "ports" not in overlay[name]
    changed = {
        variable.removeprefix("LIVELIHOOD_").split("_", 1)[1]
        for name, it in overlay.items()
        if name not in added
        for variable in it.get("environment", {})
    }
    assert changed == {
        "LEASE_SECONDS", "RETRY_UNIT_SECONDS", "UNREACHED_SECONDS",
        "ALLOW_LOOPBACK", "ALLOW_LOOPBACK_ENDPOINTS",
        "SMTP_HOST", "SMTP_PORT", "MAIL_FROM", "CONSOLE_ADDRESS",
        "SMS_GATEWAY_ADDRESS", "SMS_SECRET_FILE",
        "DIGEST_LOOK_SECONDS", "SECOND_FACTOR_REQUIRED",
    }  # fmt: skip


def test_a_small_server_differs_in_its_backs_and_in_what_postgresql_keeps_in_memory() -> None:
    text = (ROOT / "deploy/compose.small.yml").read_text(encoding="utf-8")
    overlay = yaml.safe_load(text)["services"]
    told = [f"{name}={value}" for name, value in SMALL.postgres.items()]
    usual = CONTAINERS["postgres"]["command"]
    expected: dict[str, Any] = {"postgres": {"command": [*usual, "-c", *told]}}
    for service in Queue:
        name = service.segment
        expected[f"{name}-worker"] = {
            "command": ["python", "-m", f"services.{service}.back"],
            "healthcheck": {"test": ["CMD", "python", "-m", "deploy.compose.alive", "back"]},
        }
        expected[f"{name}-relay"] = {"profiles": ["apart"]}
    assert overlay == expected


def test_a_sandbox_is_one_by_one_variable_and_no_installation_is_without_it() -> None:
    told = {
        name: value
        for it in CONTAINERS.values()
        for name, value in it.get("environment", {}).items()
        if name.endswith("IS_SANDBOX")
    }
    assert told == {
        f"{who}_IS_SANDBOX": "${SANDBOX:-false}" for who in ("DIRECTORY", "NOTIFICATION", "CONSOLE")
    }


def test_a_sandbox_with_a_gateway_that_sends_nothing_is_one_and_differs_in_nothing_else() -> None:
    text = (ROOT / "deploy/compose.sandbox.yml").read_text(encoding="utf-8")
    overlay = yaml.safe_load(text.replace("!reset ", ""))["services"]
    for name in ("here", "sms-gateway"):
        it = overlay.pop(name)
        assert (it["user"], it["read_only"], it["cap_drop"]) == (OURS, True, ["ALL"])
        assert it["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in it
        if name == "here":
            # The sender's own: it shares the loopback address with the gateway, and nothing more.
            assert it["networks"] == CONTAINERS["notification-worker"]["networks"]
        else:
            assert it["volumes"] == [f"{SECRETS}/{keys.SMS_GATEWAY}:/run/secrets:ro"]
            module, port, reports = it["command"][2:5]
            assert importlib.util.find_spec(module) is not None
    address = f"http://127.0.0.1:{port}{sms_gateway.MESSAGES.removesuffix('/messages')}"
    assert reports == "http://notification-api:8000"
    assert overlay == {
        "notification-worker": {
            "networks": None,
            "network_mode": "service:here",
            "environment": {
                "NOTIFICATION_IS_SANDBOX": "true",
                "NOTIFICATION_SMS_GATEWAY_ADDRESS": address,
            },
            "depends_on": {"here": {"condition": "service_started"}},
        },
        "directory-api": {"environment": {"DIRECTORY_IS_SANDBOX": "true"}},
        "console": {"environment": {"CONSOLE_IS_SANDBOX": "true"}},
    }
