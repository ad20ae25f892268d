"""Ends the process groups of a starter that is gone, and deletes what it wanted deleted.

A script, run as ``python -I -S watch.py LATE``, one for all programs of a starter. Standard input
is a pipe whose only writer is the starter, so its end means that the starter is gone, by whatever
death. Each line is ``+GROUP SIGNAL`` (end this group with this signal), ``-GROUP`` (it ended),
``~FOLDER`` (delete this folder, a JSON text, at the end), ``!FOLDER`` (do not), or ``.`` (the
starter ends in order).

At the end of input every group left gets its signal; what still runs after ``GRACE`` seconds is
killed. Then the folders are deleted. Children of a starter that was killed may take a while to
notice and may write meanwhile: in that case the folders are looked at until LATE seconds have
passed. Signals that a terminal or a shutdown sends to everybody do not end the watch itself.
"""

import json
import os
import shutil
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


class Heard:
    """What the starter has said when it is gone."""

    def __init__(self) -> None:
        self.groups: dict[int, int] = {}
        self.folders: set[str] = set()
        self.in_order = False

    def listen(self) -> None:
        """Obey each line until the end."""
        for line in sys.stdin:
            self._heed(line[0], line[1:].strip())

    def _heed(self, sign: str, said: str) -> None:
        if sign == "+":
            group, number = map(int, said.split())
            self.groups[group] = number
        elif sign == "-":
            self.groups.pop(int(said), None)
        elif sign == "~":
            self.folders.add(json.loads(said))
        elif sign == "!":
            self.folders.discard(json.loads(said))
        else:
            self.in_order = True


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


def erase(folders: set[str], *, late: float) -> None:
    """Delete the folders, and again what appears in their place for so many seconds."""
    deadline = time.monotonic() + late
    while True:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() >= deadline and not any(map(os.path.lexists, folders)):
            return
        if time.monotonic() >= deadline + GRACE:
            return
        time.sleep(0.1)


if __name__ == "__main__":
    for deaf_to in DEAF_TO:
        signal.signal(deaf_to, signal.SIG_IGN)
    heard = Heard()
    heard.listen()
    end(heard.groups)
    if heard.folders:
        erase(heard.folders, late=0.0 if heard.in_order else float(sys.argv[1]))
