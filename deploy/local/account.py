"""Whom a server runs as when root starts it: PostgreSQL refuses root, Redis does not need it."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.words import say

CANDIDATES = ("nobody", "daemon")


class NoUnprivilegedAccount(RuntimeError):
    """Root cannot become any of the system's unprivileged accounts here."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a group of this machine that root can become."""

    uid: int
    gid: int

    def can(self, *argv: str) -> bool:
        """Whether this command, run as the account, can be started and answers zero.

        Reachability is tried and not computed from modes: ACLs, user namespaces and network
        file systems all have their own opinion.
        """
        try:
            done = subprocess.run(
                argv,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
                env={"PATH": os.defpath},
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can walk to the folder."""
        return self.can("/bin/sh", "-c", 'cd -- "$1"', "sh", os.fspath(folder))

    def give(self, path: Path) -> None:
        """Make the account the owner of the path (never of what a link points to)."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def is_root() -> bool:
    """Whether this process may become another user."""
    return os.geteuid() == 0


def unprivileged() -> Account | None:
    """Whom to run servers as: nobody's account for root, ``None`` (stay who you are) otherwise."""
    if not is_root():
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Account(entry.pw_uid, entry.pw_gid)
        if entry.pw_uid != 0 and account.can("/bin/sh", "-c", "exit 0"):
            return account
    raise NoUnprivilegedAccount(say("no-account", known=", ".join(CANDIDATES)))


def owner(path: Path) -> Account | None:
    """Whom to run a server as that has worked on this path before; ``None`` as above."""
    if not is_root():
        return None
    status = path.lstat()
    return Account(status.st_uid, status.st_gid) if status.st_uid else unprivileged()
