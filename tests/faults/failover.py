"""A database's host that goes silent: what is open hears nothing any more, what is new is served.

So it is when power fails and another host takes the address over, or when a network forgets its
connections. The kernel of this proxy goes on acknowledging, as a pooler's would: only whoever
minds how long an answer may take can notice.
"""

import socket
import threading
from contextlib import suppress

CHUNK = 65536


class Failover:
    """Forwards a loopback port to another one."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[tuple[socket.socket, socket.socket]] = set()
        self._silent: set[tuple[socket.socket, socket.socket]] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def fail(self) -> int:
        """Nothing more comes through what is open now; returns how many connections that is."""
        self._silent |= self._open
        return len(self._silent)

    def close(self) -> None:
        """Stop listening and drop everything."""
        self._server.close()
        for pair in self._open:
            for end in pair:
                end.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                pair = (near, far)
                self._open.add(pair)
                for source, sink in (pair, pair[::-1]):
                    threading.Thread(
                        target=self._pump, args=(source, sink, pair), daemon=True
                    ).start()

    def _pump(
        self, source: socket.socket, sink: socket.socket, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if pair not in self._silent:
                    sink.sendall(chunk)
            if pair not in self._silent:
                sink.close()
