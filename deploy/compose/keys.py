"""``python -m deploy.compose.keys [FOLDER]``: make the secrets once, hand each container its own.

``all/`` keeps everything and is mounted by no other container. Beside it lies one folder for each
service, with what its processes read as ``/run/secrets``, one for each process that also opens a
key of its own, and one for each server. Running it again makes nothing new and hands the same out
again, so a restored ``all/`` is enough to go on; what was handed to others before is taken away.
What servers of others gave an installation is put into ``all/`` as well, and handed out from there.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.stack import keys as names
from deploy.stack.access import acl
from deploy.stack.environment import Process
from deploy.stack.keys import Keys, broker_user
from deploy.stack.refusals import in_one_line
from deploy.stack.sealed import needed_by_data
from shared.contracts import Queue

FOLDER = Path("/secrets")
DATA = Path("/postgres")
"""Where the database server's data can be looked at; it does not run yet."""
EVERYTHING = "all"
OURS = 10001
"""The user of the image, who runs every process of ours."""
ROOT = 0
OWN_FILES: Mapping[tuple[Queue, Process], tuple[str, ...]] = {
    (Queue.DIRECTORY, Process.API): (names.TOKEN_KEY, names.WEBHOOK_MASTER, names.STAFF_MASTER),
    (Queue.INTAKE, Process.API): (names.MASTER_KEYS,),
    (Queue.NOTIFICATION, Process.WORKER): (names.WEBHOOK_MASTER,),
}
"""What only these processes open, in addition to what every process of their service has."""
SMS_GATEWAY = "sms-gateway"
"""The gateway of a sandbox in containers (deploy/compose.sandbox.yml)."""
GIVEN: Mapping[str, tuple[str, ...]] = {
    "notification": (names.SMS_SECRET, names.SMS_GATEWAYS),
    "notification-worker": (
        names.SMS_SECRET,
        names.SMS_GATEWAYS,
        names.SMTP_PASSWORD,
        names.MAIL_SERVERS,
    ),
    SMS_GATEWAY: (names.SMS_SECRET,),
}
"""What operators put into ``all/``, by the folders it is handed to once it is there."""


def hand_out(folder: Path, data: Path) -> None:
    """Make what is missing in ``all/`` and write every container's folder from it.

    Raises ``KeysLost`` if the database server has data that was written with what is missing.
    """
    keys = Keys.make(folder / EVERYTHING, needed_by_data(data))
    for service in Queue:
        _hand_to(folder / service, _of_service(keys, service) | _given(keys, service))
    for (service, process), files in OWN_FILES.items():
        name = f"{service}-{process}"
        its_own = _files(keys, *files) | _given(keys, name)
        _hand_to(folder / name, _of_service(keys, service) | its_own)
    passwords = keys.passwords()
    # Writable by its owner: the keys of who runs the installation (administrator, operator and
    # auditor) are left there beside the passwords.
    # The console's key is made known there, and used by the console alone.
    _place(folder / "prepare", _files(keys, names.PASSWORDS, names.CONSOLE_KEY), owner=OURS)
    _hand_to(folder / "console", _files(keys, names.CONSOLE_KEY))
    _hand_to(folder / SMS_GATEWAY, _given(keys, SMS_GATEWAY))
    administrator = passwords[names.ADMINISTRATOR].encode()
    _place(folder / "postgres", {"postgres_password": administrator}, owner=ROOT)
    # Each image has another number for its Redis user; the file holds hashes of random passwords.
    _place(folder / "redis", {"users.acl": acl(passwords).encode()}, owner=ROOT, mode=0o444)


def own_certificates(folder: Path) -> None:
    """Let the proxy, which is not root either, keep its certificates."""
    for path in (folder, *folder.rglob("*")):
        _give(path, OURS)


def _of_service(keys: Keys, service: Queue) -> dict[str, bytes]:
    passwords = keys.passwords()
    # Passwords are of the URL-safe alphabet: they need no quoting in an address.
    database = f"postgresql+psycopg://{service}:{passwords[service]}@postgres:5432/{service}"
    broker = f"redis://{service}:{passwords[broker_user(service)]}@redis:6379/0"
    return {
        f"{service}_database_url": database.encode(),
        f"{service}_broker_url": broker.encode(),
        "links.json": keys.link_file(service).read_bytes(),
        **_files(keys, names.JWKS),
    }


def _files(keys: Keys, *wanted: str) -> dict[str, bytes]:
    return {name: keys.path(name).read_bytes() for name in wanted}


def _given(keys: Keys, name: str) -> dict[str, bytes]:
    return _files(keys, *(each for each in GIVEN.get(name, ()) if keys.path(each).exists()))


def _hand_to(folder: Path, files: Mapping[str, bytes]) -> None:
    """What processes of ours read, and nothing that an earlier release had handed to them."""
    _place(folder, files, owner=OURS)
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()


def _place(folder: Path, files: Mapping[str, bytes], *, owner: int, mode: int = 0o400) -> None:
    """Write files whole, each unreadable by others before it has its name."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755 if mode == 0o444 else 0o700)
    for name, content in files.items():
        new = folder / f".{name}.new"
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        new.chmod(mode)
        _give(new, owner)
        new.replace(folder / name)
    _give(folder, owner)


def _give(path: Path, owner: int) -> None:
    """Hand a file over; only root can, and elsewhere there is one user for all containers."""
    if os.geteuid() == ROOT:
        os.chown(path, owner, owner)


def main() -> None:
    """Make and hand out; in a container also prepare the proxy's volume."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with in_one_line():
        hand_out(folder, DATA)
    if len(sys.argv) > 2:
        own_certificates(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
