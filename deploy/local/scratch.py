"""Folders in the system's temporary folder that are gone afterwards, however this process ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.account import unprivileged
from deploy.local.guard import Guard
from deploy.local.place import ELSEWHERE, PREFIX

LATE = 20.0
"""Seconds in which all that a killed process had started has ended: most was guarded."""


class Scratch:
    """A new folder that servers can enter; the guard's process deletes it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_parent()))
        # Whoever else is let in can pass to what is opened to them, and see nothing.
        self.folder.chmod(0o711)
        self._guard = Guard(late=LATE)
        self._guard.erase(self.folder)

    def keep(self) -> None:
        """Do not delete it after all."""
        self._guard.spare(self.folder)

    def close(self) -> None:
        """Delete it."""
        self._guard.close()


@contextmanager
def scratch(*, kept_after_a_fault: bool = False) -> Iterator[Path]:
    """A new folder, deleted when the block ends and when this process is killed.

    What is in it when the block ends with a fault may be wanted: then it can be kept.
    """
    made = Scratch()
    try:
        yield made.folder
    except Exception:
        if kept_after_a_fault:
            made.keep()
        raise
    finally:
        made.close()


def _parent() -> Path:
    """The usual temporary folder, unless the account that root runs servers as cannot enter it."""
    usual, account = Path(tempfile.gettempdir()), unprivileged()
    return usual if account is None or account.can_enter(usual) else ELSEWHERE
