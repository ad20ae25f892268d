"""An exchange that stays up on this machine, with a sandbox file any HTTP client can start from."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import typer

from deploy.local.place import data_of, erase
from deploy.local.ports import first_free
from deploy.local.state import Hold, is_running, stop_running
from deploy.local.supervisor import stop_on_signals
from deploy.sandbox.gateway import TextGateway
from deploy.stack import addresses, bootstrap, sandbox
from deploy.stack.addresses import NoInstallation
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.folder import check_deletable, check_ours, mark
from deploy.stack.installation import Installation, running
from deploy.stack.people import People
from deploy.stack.programs import SMALL
from deploy.stack.refusals import Refused
from deploy.stack.sandbox import Sandbox
from deploy.words import say
from shared.contracts.vocabulary import Role
from shared.kit.identifiers import new_id

SANDBOX = "sandbox.json"
PEOPLE = "sandbox_people.json"
CLIENTS = {
    "agency": "ubnd-xa-kien-thuy",
    "case_owner": "so-y-te",
    "verifier": "cong-an-thanh-pho",
    "partner": "cao-dang-ky-thuat",
    "second_partner": "cao-dang-cong-nghiep",
}
"""The sandbox's clients and the institution each speaks for."""


OPEN = {
    "DIRECTORY_SECOND_FACTOR_REQUIRED": "false",
    "DIRECTORY_IS_SANDBOX": "true",
    "NOTIFICATION_IS_SANDBOX": "true",
    "CONSOLE_IS_SANDBOX": "true",
}
"""A sandbox asks nobody for a second factor, has organisations to which nothing leaves, and says so
on every page."""
ACTING = {
    Role.RECEIVER: "agency",
    Role.CASE_OWNER: "case_owner",
    Role.VERIFIER: "verifier",
    Role.PROVIDER: "partner",
}
"""The roles of the sandbox's people, and of which client's organisation each is; the roles that run
the installation are added."""
BY_PEOPLE = {
    Role.FACILITY: "truong-lao-dong-xa-hoi-thanh-xuan",
    Role.PROTECTOR: "bien-phong-thanh-pho",
}
"""Who shelters and who protects: by people alone, so these have no client."""


class DoesNotStop(Refused):
    """Its processes are still at work after all that time."""


class NoSuchClient(Refused):
    """The sandbox has no client of this name."""


def up(data: Path, port: int) -> None:
    """Start, say where everything is, and stay until somebody stops it."""
    check_ours(data)
    with stop_on_signals():
        typer.echo(say("starting", folder=data))
        mark(data)
        phones = TextGateway.prepare(data)
        extra = {**OPEN, **phones.settings}
        with running(data, port=first_free(port), size=SMALL, extra=extra) as installation:
            installation.start([phones.program(installation.base_url)])
            _say(installation, write_sandbox(data, installation, phones), phones)
            with suppress(SystemExit):
                # Being stopped is how it ends.
                installation.supervisor.wait()


def down(data: Path, *, delete: bool) -> None:
    """Stop the exchange of a folder; with ``delete`` its data goes too."""
    if delete:
        check_deletable(data)
    was_running = is_running(data)
    if not stop_running(data):
        raise DoesNotStop(say("does-not-stop", logs=data / "logs"))
    typer.echo(say("stopped") if was_running else say("nothing-was-running"))
    if data.exists() and not delete:
        typer.echo(say("data-stay", place=data_of(data), folder=data))
    if delete and data.exists():
        hold = Hold.take(data, within=0)
        try:
            erase(data)
        finally:
            hold.release()
        typer.echo(say("deleted", folder=data))


def write_sandbox(
    data: Path, installation: Installation, phones: TextGateway | None = None
) -> Path:
    """Leave the file that says where this exchange is and how to be each of its clients.

    ``phones``: the gateway of SMS that stands beside it, where one does.

    Addresses are those of this start. Clients are registered once, and again if the file tells of
    another database: the administrator it names would be another, too.
    """
    addresses.write(data, lambda name: installation.environment.url_of(name, name))
    path = data / SANDBOX
    clients = _read(path)["clients"] if path.exists() else {}
    known = clients.get(Role.ADMINISTRATOR, {}).get("client_id")
    if known != installation.administrator.client_id:
        clients = _register(installation)
    sandbox.write(
        path,
        {
            "base_url": installation.base_url,
            "console_url": installation.base_url,
            "token_url": installation.environment.token_url,
            "texts_url": phones and phones.texts_url,
            "clients": clients,
            "people": _people(installation),
        },
    )
    return path


def token(data: Path, client: str) -> str:
    """An access token for a client of the sandbox; raises ``NoInstallation``, ``NoSuchClient``."""
    path = data / SANDBOX
    if not path.exists():
        raise NoInstallation(say("no-sandbox", folder=data))
    stored = _read(path)
    if client not in stored["clients"]:
        raise NoSuchClient(say("no-client", client=client, known=", ".join(stored["clients"])))
    credentials = Credentials.read(stored["clients"][client])
    return ApiClient(stored["base_url"], credentials, token_url=stored["token_url"]).bearer()


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def _register(installation: Installation) -> dict[str, Any]:
    """A client for each; an earlier start that was cut short may have left others unused."""
    registrar = installation.sandbox()
    organisations = registrar.organisations()
    clients = {
        name: registrar.add_client(
            f"sandbox-{name.replace('_', '-')}-{new_id()}", organisations[code]
        )
        for name, code in CLIENTS.items()
    }
    _assure(installation, registrar, organisations)
    by_id = {it["id"]: it for it in organisations.values()}
    for role in bootstrap.NAMES:
        mine = bootstrap.credentials(installation.environment.keys.folder, role)
        clients[role.value] = sandbox.entry(mine.client_id, by_id[mine.organisation_id], mine.key)
    registrar.administrator.close()
    return clients


def _people(installation: Installation) -> dict[str, dict[str, str]]:
    """A person for each role; kept among the keys, for no organisation makes them a second time."""
    path = installation.environment.keys.folder / PEOPLE
    known = _read(path) if path.exists() else {}
    administrator = installation.administrator.client_id
    if known.get("administrator") != administrator:
        known = {"administrator": administrator, "people": _register_people(installation)}
        sandbox.write(path, known)
    people: dict[str, dict[str, str]] = known["people"]
    return people


def _register_people(installation: Installation) -> dict[str, dict[str, str]]:
    """A person for each role, the manager of the agency among them."""
    registrar = installation.sandbox()
    organisations = registrar.organisations()
    folder = installation.environment.keys.folder
    credentials = bootstrap.console_credentials(folder)
    people = People(registrar, credentials, installation.base_url)
    by_role = {role: organisations[CLIENTS[name]] for role, name in ACTING.items()}
    by_role |= {role: organisations[code] for role, code in BY_PEOPLE.items()}
    by_id = {it["id"]: it for it in organisations.values()}
    for role in bootstrap.NAMES:
        by_role[role] = by_id[bootstrap.credentials(folder, role).organisation_id]
    suffix = new_id().hex[-4:]
    made: dict[str, dict[str, str]] = {}
    for role, organisation in by_role.items():
        manager = people.manager(organisation["id"], f"quan-ly.{_word(role)}.{suffix}")
        if manager is None:
            continue
        made.setdefault(str(Role.MANAGER), manager)
        made[str(role)] = people.member(organisation, role, f"{_word(role)}.{suffix}")
    people.close()
    registrar.administrator.close()
    return made


def _word(role: Role) -> str:
    return role.replace("_", "-")


def _assure(
    installation: Installation,
    registrar: Sandbox,
    organisations: Mapping[str, dict[str, Any]],
) -> None:
    """Have each organisation with programmes assure them, by a client whose key nobody keeps."""
    providers = {it["organisation_id"] for it in registrar.programmes()}
    stored = [
        registrar.add_client(f"sandbox-assuring-{new_id()}", organisation)
        for organisation in organisations.values()
        if organisation["id"] in providers
    ]
    clients = {it["organisation_id"]: installation.client(Credentials.read(it)) for it in stored}
    registrar.assure(clients)
    for client in clients.values():
        client.close()


def _say(installation: Installation, path: Path, phones: TextGateway) -> None:
    typer.echo(say("is-up", address=installation.base_url))
    typer.echo(say("reference-is-at", address=f"{installation.base_url}/docs"))
    typer.echo(say("sandbox-texts", address=phones.texts_url))
    typer.echo(say("sandbox-people"))
    for role, person in _read(path)["people"].items():
        name, password = person["user"], person["password"]
        typer.echo(say("sandbox-person", role=role, user=name, password=password))
    typer.echo(say("sandbox-clients", file=path))
    typer.echo(say("runs-until", folder=path.parent))
