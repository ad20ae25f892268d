"""What docker-compose.yml promises, read from the file; no engine is needed."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import keys
from deploy.stack import databases
from deploy.stack.environment import Environment, Process
from deploy.stack.keys import Keys
from services.console.settings import ConsoleSettings
from services.directory.settings import DirectoryApiSettings
from services.intake.settings import IntakeApiSettings
from services.notification.settings import NotificationWorkerSettings
from shared.contracts import Queue
from shared.kit.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: Mapping[str, Mapping[str, Any]] = FILE["services"]
ONCE = {"keys", "prepare", "tools"}
"""Containers that do their work and end."""
CONSOLE = "console"
LASTING = sorted(set(CONTAINERS) - ONCE)
ROLES = ("api", "worker", "relay")
FOREIGN = {"postgres", "redis", "caddy"}
OURS = "10001:10001"
SECRETS = "${NHIPCAU_SECRETS:-./deploy/secrets}"
"""Where the secrets are; the demonstration's installation has others."""
SETTINGS: Mapping[Queue, type[ServiceSettings]] = {
    service: getattr(
        importlib.import_module(f"services.{service}.settings"),
        f"{service.title().replace('_', '')}Settings",
    )
    for service in Queue
}
"""What every process of a service is told."""
OWN_SETTINGS: Mapping[tuple[Queue, str], type[ServiceSettings]] = {
    (Queue.DIRECTORY, "api"): DirectoryApiSettings,
    (Queue.INTAKE, "api"): IntakeApiSettings,
    (Queue.NOTIFICATION, "worker"): NotificationWorkerSettings,
}
"""What the processes that open a key of their own are told."""
KEYS_OPENED = {
    "directory-api": {"token_key.json", "webhook_master.hex", "staff_master.hex"},
    "intake-api": {"master_keys.json"},
    "notification-worker": {"webhook_master.hex"},
    "postgres": {"postgres_password"},
    "redis": {"users.acl"},
    "console": {"console_key.json"},
    "prepare": {"console_key.json", "passwords.json"},
    "tools": {"console_key.json", "passwords.json"},
}
"""The container and the secrets in it, beside addresses and links: a new one belongs here."""


def container(service: Queue, role: str) -> Mapping[str, Any]:
    return CONTAINERS[f"{service.replace('_', '-')}-{role}"]


PROCESSES = [(service, role) for service in Queue for role in ROLES]


@pytest.mark.parametrize(("service", "role"), PROCESSES)
def test_every_process_of_every_service_has_a_container(service: Queue, role: str) -> None:
    command = " ".join(container(service, role)["command"])
    module = "app" if role == "api" else role

    assert (ROOT / "services" / service / f"{module}.py").exists()
    expected = {
        "api": f"sh deploy/compose/serve.sh {service}",
        "worker": f"python -m services.{service}.worker",
        "relay": f"python -m services.{service}.relay",
    }
    assert command == expected[role]


def test_there_is_no_container_that_nobody_knows() -> None:
    ours = {f"{service.replace('_', '-')}-{role}" for service in Queue for role in ROLES}
    assert set(CONTAINERS) == ours | FOREIGN | ONCE | {CONSOLE}


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, it in CONTAINERS.items() if "ports" in it] == ["caddy"]
    (port,) = CONTAINERS["caddy"]["ports"]
    assert port.startswith("${BIND:-127.0.0.1}:"), "plain HTTP stays on the machine"
    assert not any("network_mode" in it for name, it in CONTAINERS.items() if name != "keys")
    assert CONTAINERS["keys"]["network_mode"] == "none"


def test_the_console_has_a_key_of_its_own_and_reaches_no_database() -> None:
    assert CONTAINERS[CONSOLE]["volumes"] == [f"{SECRETS}/console:/run/secrets:ro"]
    told = {name.lower().removeprefix("console_") for name in CONTAINERS[CONSOLE]["environment"]}
    fields = ConsoleSettings.model_fields
    assert {name for name, it in fields.items() if it.is_required()} <= told <= set(fields)
    assert CONTAINERS[CONSOLE]["networks"] == ["edge"]
    assert CONTAINERS[CONSOLE]["user"] == OURS


def test_databases_and_broker_are_on_a_network_that_leads_nowhere() -> None:
    assert FILE["networks"]["data"] == {"internal": True}
    assert CONTAINERS["postgres"]["networks"] == CONTAINERS["redis"]["networks"] == ["data"]
    assert "data" not in CONTAINERS["caddy"]["networks"]


def test_only_who_sends_webhooks_or_asks_identity_providers_reaches_the_world() -> None:
    closed = {name for name, it in FILE["networks"].items() if it and it.get("internal")}
    reaching = {
        name for name, it in CONTAINERS.items() if not set(it.get("networks", closed)) <= closed
    }
    assert reaching == {"notification-worker", "directory-api", "caddy"}


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_every_container_can_do_as_little_as_possible(name: str) -> None:
    it = CONTAINERS[name]
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert it["init"] is True
    assert it["pids_limit"] > 0
    assert it["mem_limit"]
    assert any(mount.startswith("/tmp:noexec") for mount in it["tmpfs"])  # noqa: S108
    assert "privileged" not in it


def test_processes_of_ours_are_not_root_and_have_no_capability() -> None:
    for service in Queue:
        for role in ROLES:
            assert container(service, role)["user"] == OURS
            assert "cap_add" not in container(service, role)
    assert CONTAINERS["prepare"]["user"] == CONTAINERS["caddy"]["user"] == OURS
    assert CONTAINERS["redis"]["user"] == "redis"


def test_root_is_left_to_what_gives_files_away_or_changes_its_user() -> None:
    root = {name for name, it in CONTAINERS.items() if it.get("user", "0:0") == "0:0"}
    assert root == {"keys", "postgres"}
    # The official image's entrypoint needs both to become the user postgres.
    assert {"SETUID", "SETGID"} <= set(CONTAINERS["postgres"]["cap_add"])


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_watched_started_again_and_given_time_to_end(name: str) -> None:
    it = CONTAINERS[name]
    assert it["restart"] == "unless-stopped"
    assert it["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert it["healthcheck"]["interval"]
    assert int(it["stop_grace_period"].removesuffix("s")) >= 30


def test_the_runbook_names_no_container_that_does_not_exist() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    commands = "exec|logs|restart|run|start|stop|up"
    named = re.findall(rf"docker compose (?:{commands})((?: (?:--?)?[a-z][a-z-]*)*)", runbook)
    words = {word for found in named for word in found.split() if not word.startswith("-")}
    known = set(CONTAINERS) | set(COMMANDS)
    assert words
    assert words <= known, words - known


COMMANDS = {"alive", "balance", "parked", "list", "retell", *Queue}
"""Words of the nhipcau command that the runbook gives to the container of tools, with services."""


@pytest.mark.parametrize("name", sorted(ONCE))
def test_what_ends_is_not_started_again(name: str) -> None:
    assert CONTAINERS[name]["restart"] == "no"


def test_services_wait_for_their_tables_and_servers_for_their_secrets() -> None:
    finished = {"condition": "service_completed_successfully"}
    for service in Queue:
        for role in ROLES:
            assert container(service, role)["depends_on"] == {"prepare": finished}
    for name in FOREIGN:
        assert CONTAINERS[name]["depends_on"] == {"keys": finished}


def test_one_image_is_built_once_and_every_other_is_named_with_its_version() -> None:
    assert [name for name, it in CONTAINERS.items() if "build" in it] == ["keys"]
    images = {it["image"] for name, it in CONTAINERS.items() if name not in FOREIGN}
    assert images == {"nhipcau:local"}
    for name in FOREIGN:
        assert re.fullmatch(r"[a-z]+:[0-9]+", CONTAINERS[name]["image"])


def test_no_secret_is_in_the_environment() -> None:
    for name, it in CONTAINERS.items():
        for variable, value in it.get("environment", {}).items():
            is_hidden = re.search(r"PASSWORD|SECRET|KEY|URL|MASTER", variable)
            is_place = value is not None and value.startswith(("/run/secrets/", "/keys"))
            assert not is_hidden or is_place, (name, variable)


@pytest.mark.parametrize(("service", "role"), PROCESSES)
def test_every_setting_a_process_must_have_is_told_or_handed_out(service: Queue, role: str) -> None:
    prefix = f"{service}_"
    fields = OWN_SETTINGS.get((service, role), SETTINGS[service]).model_fields
    told = {name.lower() for name in container(service, role)["environment"]}
    handed = {f"{prefix}database_url", f"{prefix}broker_url"}
    needed = {prefix + name for name, it in fields.items() if it.is_required()}

    assert needed <= told | handed
    assert told <= {prefix + name for name in fields}


@pytest.mark.parametrize(("service", "role"), PROCESSES)
def test_a_process_sees_its_own_secrets_and_no_other(service: Queue, role: str) -> None:
    folder = f"{service}-{role}" if (service, role) in OWN_SETTINGS else service
    mounted = container(service, role)["volumes"]
    # What came back by mail is read and deleted where mails are sent.
    is_read = (service, role) == (Queue.NOTIFICATION, "worker")
    beside = ["${BOUNCES_FOLDER:-bounces}:/bounces"] if is_read else []
    assert mounted == [f"{SECRETS}/{folder}:/run/secrets:ro", *beside]


def test_every_key_is_mounted_where_it_is_opened_and_nowhere_else(tmp_path: Path) -> None:
    keys.hand_out(tmp_path, tmp_path / "postgres")
    found: dict[str, set[str]] = {}
    for name in sorted(set(CONTAINERS) - {"keys"}):
        for mount in CONTAINERS[name].get("volumes", []):
            if mount.startswith(SECRETS):
                folder = mount.removeprefix(SECRETS).split(":")[0].strip("/")
                seen = {path.name for path in (tmp_path / folder).iterdir()}
                ordinary = {it for it in seen if it.endswith(("_database_url", "_broker_url"))}
                found[name] = seen - ordinary - {"links.json", "jwks.json"}
    assert {name: seen for name, seen in found.items() if seen} == KEYS_OPENED
    assert CONTAINERS["keys"]["network_mode"] == "none", "it sees everything, and nobody sees it"


def test_a_process_of_an_embedded_installation_is_told_of_no_key_but_those_it_opens(
    tmp_path: Path,
) -> None:
    environment = Environment(
        keys=Keys(tmp_path),
        url_of=lambda database, role: f"{role}@{database}",
        broker_url_of=lambda service: service,
        base_url="https://nhipcau.test",
    )
    for service, role in PROCESSES:
        told = environment.of(service, Process(role)).values()
        files = {Path(value).name for value in told if value.startswith(str(tmp_path))}
        common = {"jwks.json", f"{service}_links.json"}
        assert files - common == KEYS_OPENED.get(f"{service}-{role}", set())


def test_files_mounted_from_the_project_are_in_it_and_cannot_be_changed() -> None:
    for name, it in CONTAINERS.items():
        for mount in it.get("volumes", []):
            source, _, options = mount.partition(":")
            if not source.startswith("./"):
                continue
            assert (ROOT / source).exists(), (name, mount)
            assert options.endswith(":ro"), (name, mount)


def test_the_proxy_leads_to_every_service_and_to_nothing_else() -> None:
    text = (ROOT / "deploy/caddy/Caddyfile").read_text(encoding="utf-8")
    (names,) = re.findall(r"@service path_regexp service \^/\((.*)\)/\n", text)
    assert names.split("|") == [service.segment for service in Queue]


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/answer/AZo_QIi7-fJ?x=1", "/answer/"),
        ("/answer", "/answer"),
        ("/unsubscribe/AZo_QIi7-fJ", "/unsubscribe/"),
        ("/log-in/link/7Q2MXH-9T4K", "/log-in/link/"),
        ("/cases?q=1", "/cases"),
        ("/intake/v1/cases", "/intake/v1/cases"),
    ],
)
def test_the_proxy_logs_no_query_and_no_link_that_lets_somebody_in(
    address: str, logged: str
) -> None:
    text = (ROOT / "deploy/caddy/Caddyfile").read_text(encoding="utf-8")
    ((pattern, put),) = re.findall(r'request>uri regexp "(.*)" "(.*)"', text)
    cut = re.sub(pattern, lambda found: found[1] or "", address)
    assert (cut, put) == (logged, "$1")


def test_the_owner_of_every_database_reaches_it_and_no_other() -> None:
    text = (ROOT / "deploy/postgres/pg_hba.conf").read_text(encoding="utf-8")
    owners = re.findall(r"^host\s+(\w+)\s+(\w+_owner)\s", text, re.MULTILINE)
    assert owners == [(service, databases.owner(service)) for service in Queue]


@pytest.mark.parametrize("service", Queue)
def test_worker_and_relay_in_one_are_told_what_both_are_told(
    service: Queue, tmp_path: Path
) -> None:
    environment = Environment(
        keys=Keys(tmp_path),
        url_of=lambda database, role: f"{role}@{database}",
        broker_url_of=lambda user: user,
        base_url="https://nhipcau.test",
    )
    worker, relay, back = (
        environment.of(service, process)
        for process in (Process.WORKER, Process.RELAY, Process.BACK)
    )
    assert back == worker | relay


def test_secrets_are_not_in_the_repository_nor_in_the_image() -> None:
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert "deploy/secrets" in ignored


def test_whoever_makes_the_keys_sees_whether_data_were_written_with_them() -> None:
    data = [it.partition(":")[0] for it in CONTAINERS["postgres"]["volumes"] if "/var/lib" in it]
    (volume,) = data
    assert f"{volume}:{keys.DATA}:ro,nocopy" in CONTAINERS["keys"]["volumes"]
