"""Loopback ports nobody listens on.

A port found free can be taken before it is used: whoever starts a server on it must notice a
failed start. Two stacks side by side take ports from base ranges of their own.
"""

import errno
import random
import socket

from deploy.words import say

LOOPBACK = "127.0.0.1"

# Below the range from which Linux (32768..) and macOS (49152..) give ports to outgoing
# connections: a server that is killed and started again must find its own port still free, and
# an outgoing connection may have been given any port of that range meanwhile.
SERVER_PORTS = range(20_000, 32_000)

END = 65_536


class NoFreePort(OSError):
    """Every port of the range is taken."""


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a predecessor still fading away are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as refusal:
            if refusal.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def first_free(base: int, *, span: int = 100) -> int:
    """The first free port of ``base .. base + span - 1``; raises ``NoFreePort``."""
    end = min(base + span, END)
    for port in range(base, end):
        if is_free(port):
            return port
    raise NoFreePort(errno.EADDRINUSE, say("no-free-port", first=base, last=end - 1))


def free_port() -> int:
    """A free port, picked at random so that two who ask at once get different ones."""
    for port in random.sample(SERVER_PORTS, k=len(SERVER_PORTS)):
        if is_free(port):
            return port
    raise NoFreePort(errno.EADDRINUSE, say("no-port-left"))
