"""Where the demonstration runs: a folder of its own, kept until the next one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.patience import wait_until
from deploy.local.place import erase, erase_elsewhere
from deploy.local.state import AlreadyRunning, Hold, is_running
from deploy.local.supervisor import TAKEOVER
from deploy.stack.folder import check_ours, mark
from deploy.stack.refusals import Refused
from deploy.words import say

OWN = Path(".data-demo")
EXCHANGE = "exchange"
"""The installation's part of it, erased as a whole; what keeps others out lies beside it."""


class DemonstrationRunning(Refused):
    """Another demonstration works in the folder."""


@contextmanager
def stage(asked: Path | None, own: Path = OWN) -> Iterator[Path]:
    """The installation's folder: the one asked for as it is, or the demonstration's own, empty.

    Its own is erased before it is used and kept afterwards, so that logs and databases can be
    looked at; what had to lie elsewhere is not kept. Raises ``DemonstrationRunning``, ``NotOurs``.
    """
    if asked is not None:
        check_ours(asked)
        yield asked
        return
    mark(own)
    hold = _take(own)
    try:
        folder = own / EXCHANGE
        # The programs of a demonstration that was killed are still being ended.
        if not wait_until(lambda: not is_running(folder), within=TAKEOVER):
            raise _running(own)
        erase(folder)
        try:
            yield folder
        finally:
            erase_elsewhere(folder)
    finally:
        hold.release()


def _take(folder: Path) -> Hold:
    try:
        return Hold.take(folder, within=0)
    except AlreadyRunning:
        raise _running(folder) from None


def _running(own: Path) -> DemonstrationRunning:
    return DemonstrationRunning(say("demonstration-runs", folder=own))
