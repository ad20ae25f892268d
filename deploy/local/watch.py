"""Ends the process groups of a starter that is gone.

A script, run as ``python -I -S watch.py``, one for all programs of a starter. Standard input is a
pipe whose only writer is the starter, so its end means that the starter is gone, by whatever
death. Each line is ``+GROUP SIGNAL`` (end this group with this signal) or ``-GROUP`` (it ended).

At the end of input every group left gets its signal; what still runs after ``GRACE`` seconds is
killed. Signals that a terminal or a shutdown sends to everybody do not end the watch itself.
"""

import os
import signal
import sys
import time

GRACE = 10.0
DEAF_TO = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def send(group: int, number: int) -> bool:
    """Whether anything in the group could still be signalled."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # macOS says "not permitted" of a group in which only an unburied leader is left.
        return False
    return True


def listen() -> dict[int, int]:
    """The groups left, with the signal for each, when the starter is gone."""
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, _, number = line[1:].partition(" ")
        if line.startswith("+"):
            groups[int(group)] = int(number)
        else:
            groups.pop(int(group), None)
    return groups


def end(groups: dict[int, int]) -> None:
    """Ask each group with its signal, wait, kill."""
    asked = {group for group, number in groups.items() if send(group, number)}
    asked -= {group for group, number in groups.items() if number == signal.SIGKILL}
    deadline = time.monotonic() + GRACE
    while asked and time.monotonic() < deadline:
        time.sleep(0.05)
        asked = {group for group in asked if send(group, 0)}
    for group in asked:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    for deaf_to in DEAF_TO:
        signal.signal(deaf_to, signal.SIG_IGN)
    end(listen())
