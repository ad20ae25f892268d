"""The folder of an installation: marked when it is made, so that it may be deleted as a whole."""

from pathlib import Path

from deploy.stack.refusals import Refused
from deploy.words import say

MARK = ".gitignore"
CONTENT = (
    "# A data folder of Nhịp Cầu, made by it: keys and personal data, never to be committed.\n*\n"
)


class NotOurs(Refused):
    """The folder holds things this command did not put there."""


def mark(folder: Path) -> None:
    """Make the folder where it is missing; one that is empty is ours from now on.

    A folder that holds other things already is left as it is. The mark keeps an installation's
    keys out of any repository that the folder lies in.
    """
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if _is_empty(folder):
        (folder / MARK).write_text(CONTENT, encoding="utf-8")


def check_ours(folder: Path) -> None:
    """Raise ``NotOurs`` unless the folder is missing, empty or marked."""
    if not folder.exists() or (folder.is_dir() and (_is_empty(folder) or _is_marked(folder))):
        return
    raise NotOurs(say("not-ours", folder=folder))


def check_deletable(folder: Path) -> None:
    """Raise ``NotOurs`` unless the folder may be deleted with everything in it."""
    if folder.is_symlink():
        raise NotOurs(say("is-a-link", folder=folder))
    check_ours(folder)


def _is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def _is_marked(folder: Path) -> bool:
    found = folder / MARK
    return found.is_file() and found.read_text(encoding="utf-8") == CONTENT
