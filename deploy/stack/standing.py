"""An exchange that stays up on this machine, with a sandbox file any HTTP client can start from."""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from deploy.local.place import erase
from deploy.local.ports import first_free
from deploy.local.state import AlreadyRunning, is_running, stop_running
from deploy.local.supervisor import NotReady, stop_on_signals
from deploy.stack import addresses, sandbox
from deploy.stack.installation import Installation, running
from shared.contracts import Queue

SANDBOX = "sandbox.json"
CLIENTS = {
    "agency": "ubnd-xa-kien-thuy",
    "case_owner": "so-y-te",
    "verifier": "cong-an-thanh-pho",
    "partner": "cao-dang-ky-thuat",
    "second_partner": "cao-dang-cong-nghiep",
}
"""The sandbox's clients and the institution each speaks for."""


def up(data: Path, port: int, console: Console) -> None:
    """Start, say where everything is, and wait."""
    with stop_on_signals():
        try:
            with running(data, port=first_free(port)) as installation:
                _say(console, installation, write_sandbox(data, installation))
                installation.supervisor.wait()
        except AlreadyRunning:
            console.print(f"An exchange runs in {data} already; `make down` stops it.")
            raise typer.Exit(1) from None
        except NotReady as fault:
            console.print(f"It did not start: {fault}")
            raise typer.Exit(1) from None


def down(data: Path, console: Console, *, delete: bool) -> None:
    """Stop the exchange of a folder; with ``delete`` its data goes too."""
    was_running = is_running(data)
    if not stop_running(data):
        console.print("It does not stop; see its logs.")
        raise typer.Exit(1)
    console.print("Stopped." if was_running else "Nothing was running.")
    if delete:
        erase(data)
        console.print(f"{data} is deleted.")


def write_sandbox(data: Path, installation: Installation) -> Path:
    """Register the sandbox's clients once and leave the file that says how to be each of them."""
    path = data / SANDBOX
    addresses.write(data, lambda name: installation.environment.url_of(name, name))
    if not path.exists():
        registrar = installation.sandbox()
        organisations = registrar.organisations()
        clients: dict[str, Any] = {
            name: registrar.add_client(f"sandbox-{name.replace('_', '-')}", organisations[code])
            for name, code in CLIENTS.items()
        }
        clients["operator"] = installation.administrator.stored()
        sandbox.write(
            path,
            {
                "base_url": installation.base_url,
                "token_url": installation.environment.token_url,
                "clients": clients,
            },
        )
    return path


def _say(console: Console, installation: Installation, path: Path) -> None:
    console.print(f"Nhịp Cầu is up at [bold]{installation.base_url}[/bold]")
    for service in Queue:
        base = f"{installation.base_url}/{service.replace('_', '-')}"
        console.print(f"  {service:<20} {base}/docs")
    console.print(f"Sandbox clients and their keys: {path}")
    console.print("Ctrl-C or `make down` stops it.")
