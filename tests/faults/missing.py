"""Workers that have ended without a word, and whether their relay knows."""

from tests.faults.lab import Lab
from tests.faults.roles import RECEIVER


def wait_until_nobody_is_missed(lab: Lab) -> None:
    """A worker that is run again was ended like any that is killed.

    Until the relay has missed it, what is told now would be asked for again on its account.
    """
    lab.wait(lambda: unmissed(lab) == 0, seconds=30, what="nobody is to be missed")


def unmissed(lab: Lab) -> int:
    """Workers that have ended without a word and that no relay has noticed yet."""
    rows = lab.query(
        RECEIVER,
        "SELECT count(*) FROM workers WHERE NOT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE (pid, backend_start) = (backend, since))",
    )
    return int(rows[0][0])
