"""Where a server keeps its data and its socket, given the folder somebody named.

Usually both are in that folder. Two things can forbid it, and then a note in the folder says where
they are instead: the account that root runs servers as cannot walk there (a checkout under a home
folder of mode 700), or the path is longer than a socket address may be.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import Account, is_root, owner, unprivileged
from deploy.words import say

# Survives a restart of the machine, which the usual folder for temporary files may not.
ELSEWHERE = Path("/var/tmp")  # noqa: S108  # only ever a folder made by mkdtemp in it
PREFIX = "nhipcau-"
MOVED = "moved-to"
SOCKETS = "sockets-in"

# 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET = 103


class DataMissing(RuntimeError):
    """A note says where this folder's data are, and they are not there (or not ours)."""


@dataclass(frozen=True, slots=True)
class Place:
    """One server's folders.

    ``folder``: as named by the caller; notes and the log are here. ``home``: the same folder, or
    its stand-in elsewhere; settings are here. ``data``: private to the server. ``sockets``:
    private, short enough. ``account``: whom it runs as, ``None`` for whoever starts it.
    """

    folder: Path
    home: Path
    data: Path
    sockets: Path
    account: Account | None

    @property
    def programs(self) -> Path:
        """Where programs are copied to that the account cannot reach where they are installed."""
        return self.home / "programs"

    @property
    def passing(self) -> list[Path]:
        """What is of no use once the server has stopped, and is made again when it starts."""
        return [self.programs, *([] if self.home in self.sockets.parents else [self.sockets])]

    def write(self, name: str, text: str) -> Path:
        """A settings file only the server may read.

        It lies in ``home`` and not in the server's own folders: root must not write where another
        account could have put a link in the way.
        """
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if self.account is not None:
            self.account.give(path)
        return path


def settle(folder: Path, *, server: str, socket: str, elsewhere: Path | None = None) -> Place:
    """The place of this server (a folder name) under this folder, made where missing.

    ``socket`` is the file name of its socket. ``elsewhere`` is where what cannot be in the folder
    goes; without, that is where it lasts. Raises ``DataMissing``.
    """
    folder = folder.absolute()
    _make(folder)
    here = folder / server
    account = owner(here) if here.exists() else unprivileged()
    home = _home(folder, account, elsewhere or ELSEWHERE)
    data = _private(home / server, account)
    sockets = _sockets(folder, home, socket, account)
    return Place(folder, home, data, sockets, account)


def erase(folder: Path) -> None:
    """Delete the folder and whatever its notes say lies elsewhere; nothing may be running in it."""
    folder = folder.absolute()
    erase_elsewhere(folder)
    if folder.exists():
        shutil.rmtree(folder)


def erase_elsewhere(folder: Path) -> None:
    """Delete what the folder's notes say lies elsewhere, and the notes."""
    for note in (folder / MOVED, folder / SOCKETS):
        target = _noted(note)
        if target is not None and target.name.startswith(PREFIX):
            shutil.rmtree(target, ignore_errors=True)
        note.unlink(missing_ok=True)


def data_of(folder: Path) -> Path:
    """Where servers keep the data of this folder."""
    return _noted(folder / MOVED) or folder


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if is_root() and not any(folder.iterdir()):
        # Made for the server, by us or just before: its account may walk through it. A folder that
        # holds other things already keeps the mode somebody gave it.
        folder.chmod(0o711)


def _home(folder: Path, account: Account | None, elsewhere: Path) -> Path:
    moved = _noted(folder / MOVED)
    if moved is not None:
        if not _is_ours(moved, os.geteuid()):
            raise DataMissing(say("data-missing", file=folder / MOVED, moved=moved))
        return moved
    if account is None or account.can_enter(folder):
        return folder
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=elsewhere))
    home.chmod(0o711)
    (folder / MOVED).write_text(f"{home}\n", encoding="utf-8")
    return home


def _sockets(folder: Path, home: Path, socket: str, account: Account | None) -> Path:
    here = home / "run"
    if len(os.fsencode(here / socket)) <= LONGEST_SOCKET:
        return _private(here, account)
    noted = _noted(folder / SOCKETS)
    if noted is not None and _is_ours(noted, account.uid if account else os.geteuid()):
        return noted
    short = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_short_parent(socket)))
    if account is not None:
        account.give(short)
    (folder / SOCKETS).write_text(f"{short}\n", encoding="utf-8")
    return short


def _short_parent(socket: str) -> str:
    usual = tempfile.gettempdir()
    made = len(PREFIX) + len("12345678") + len("//") + len(os.fsencode(socket))
    fits = len(os.fsencode(usual)) + made <= LONGEST_SOCKET
    return usual if fits else "/tmp"  # noqa: S108  # only ever a folder made by mkdtemp in it


def _private(folder: Path, account: Account | None) -> Path:
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if account is not None:
            account.give(folder)
    return folder


def _noted(note: Path) -> Path | None:
    return Path(note.read_text(encoding="utf-8").strip()) if note.exists() else None


def _is_ours(folder: Path, uid: int) -> bool:
    return folder.is_dir() and not folder.is_symlink() and folder.lstat().st_uid == uid
