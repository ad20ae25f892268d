"""Becomes another program, once its starter says so.

A script, run as ``python -I -S launch.py GATE UID GID PROGRAM ARGUMENT...``. GATE is the number of
an inherited pipe end. One byte on it means "the guard knows your process group: go on"; its end
means the starter died before it could say so, and nothing is started. So there is no moment at
which a program runs that nobody would end. UID and GID may be ``-``: stay who you are.

It replaces itself with the program and costs no memory afterwards.
"""

import os
import signal
import sys

# What a shell's background job or the Python start-up may have set to "ignore", which a program
# would inherit without knowing.
INHERITED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)


def main(gate: str, uid: str, gid: str, *argv: str) -> None:
    """Wait at the gate, give up root if told to, become the program."""
    if not os.read(int(gate), 1):
        return
    os.close(int(gate))
    for number in INHERITED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    os.execvp(argv[0], argv)  # noqa: S606  # this is the one thing the script is for


if __name__ == "__main__":
    main(*sys.argv[1:])
