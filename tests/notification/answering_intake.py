"""Intake on loopback, as far as notification asks it: every message is answered once, signed."""

import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

import orjson

from shared.contracts import Queue
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from tests.notification.receivers import LOOPBACK, Server

KEY = {"1": bytes(range(32))}
OF_NOTIFICATION = Links(Queue.NOTIFICATION, {"intake": "1"}, {"intake": KEY})
OF_INTAKE = Links(Queue.INTAKE, {"notification": "1"}, {"notification": KEY})

NEUTRAL = "Khi nào tiện, bạn gọi lại số bạn đã biết nhé."


class AnsweringIntake:
    """Answers with what it is told to, and counts who asked."""

    def __init__(self, to: str) -> None:
        self.told: dict[str, Any] = {"to": to, "text": NEUTRAL, "refusal": None}
        self.status = 200
        self.links = OF_INTAKE
        self.asked: list[str] = []
        self._server = Server((LOOPBACK, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def refuse(self, reason: str) -> None:
        self.told = {"to": None, "text": None, "refusal": reason}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, question: bytes, signature: str) -> tuple[int, bytes]:
        if not is_signed(OF_INTAKE, Queue.NOTIFICATION, Said.QUESTION, question, signature):
            return 401, b"{}"
        message_id = orjson.loads(question)["message_id"]
        is_again = message_id in self.asked and self.status == 200
        self.asked.append(message_id)
        told = {"to": None, "text": None, "refusal": "answered_already"} if is_again else self.told
        return self.status, orjson.dumps(told)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        intake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, told = intake.answer(body, self.headers[SIGNATURE])
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                signature = sign(intake.links, Queue.NOTIFICATION, Said.ANSWER, told)
                self.send_header(SIGNATURE, signature)
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
