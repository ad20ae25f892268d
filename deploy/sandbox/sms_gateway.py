"""A gateway of SMS for a sandbox, as docs/sms-gateway.md has it: no phone gets anything.

It takes every text, reports a moment later that it arrived, and shows whoever is on this machine
what it took. After a restart it knows again what it has taken and what it has still to report.
"""

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

from deploy.local.ports import LOOPBACK
from deploy.sandbox.texts import REPORTED_FOR, Report, Texts
from services.notification.policy import secrets_in, signed, verify

MESSAGES = "/v1/messages"
"""Where texts are handed over; asked for, it shows the last of them."""
REPORTS = "/notification/v1/sms-reports"
SHOWN = 100
"""How many of the last texts are shown."""
AGAIN_AFTER = 5.0
"""Seconds until what is not known yet is reported again: in a sandbox somebody waits for it."""
LOOK = 0.5
SECONDS = 10.0
"""For one report."""
NEVER_KNOWN = {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


class Door(BaseHTTPRequestHandler):
    """Takes texts that are genuine, and shows what was taken."""

    protocol_version = "HTTP/1.1"
    texts: Texts
    secrets: tuple[str, ...]

    def do_POST(self) -> None:
        """Keep a genuine text before answering 202."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(self._taken(body))

    def do_GET(self) -> None:
        """Show the last texts."""
        if self.path != MESSAGES:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        shown = [_shown(each) for each in self.texts.latest(SHOWN)]
        self._answer(HTTPStatus.OK, orjson.dumps({"items": shown}, option=orjson.OPT_INDENT_2))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing for each request."""

    def _taken(self, body: bytes) -> HTTPStatus:
        if self.path != MESSAGES:
            return HTTPStatus.NOT_FOUND
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not verify(self.secrets, headers, body, now=time.time()):
            return HTTPStatus.UNAUTHORIZED
        self.texts.take(orjson.loads(body), time.time())
        return HTTPStatus.ACCEPTED

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "to": row["number"],
        "text": row["said"],
        "taken_at": _instant(row["taken_at"]),
        "reported_at": _instant(row["reported_at"]),
    }


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(frozen=True)
class Reporter:
    """Tells the exchange that texts arrived, until it knows it."""

    texts: Texts
    exchange: str
    secret: str

    def work(self) -> None:
        """Report what is due, for ever."""
        while True:
            for report in self.texts.due(time.time()):
                self._tell(report)
            time.sleep(LOOK)

    def _tell(self, report: Report) -> None:
        status, now = self._answer_to(report), time.time()
        if status == HTTPStatus.NO_CONTENT:
            self.texts.reported(report, now)
        elif status in NEVER_KNOWN or now > report.taken_at + REPORTED_FOR:
            self.texts.put_off(report, until=None)
        else:
            self.texts.put_off(report, until=now + AGAIN_AFTER)

    def _answer_to(self, report: Report) -> int | None:
        """What the exchange says; nothing if it is away."""
        told = {"id": report.id, "attempt": report.attempt, "outcome": "delivered"}
        body, at = orjson.dumps(told), int(time.time())
        headers = signed(
            self.secret, webhook_id=f"{report.id}.{report.attempt}", timestamp=at, body=body
        )
        headers["Content-Type"] = "application/json"
        request = Request(f"{self.exchange}{REPORTS}", body, headers)  # noqa: S310 - ours
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - ours
                return int(answer.status)
        except HTTPError as refusal:
            return refusal.code
        except (OSError, HTTPException):
            return None


def main(port: str, exchange: str, secret: str, file: str) -> None:
    """``python -m deploy.sandbox.sms_gateway PORT EXCHANGE SECRET-FILE TEXTS-FILE``."""
    Door.texts, Door.secrets = Texts(Path(file)), secrets_in(Path(secret).read_text("utf-8"))
    door = ThreadingHTTPServer((LOOPBACK, int(port)), Door)
    threading.Thread(target=door.serve_forever, name="door", daemon=True).start()
    # On the main thread: a fault ends the process, which is started again and reports again.
    Reporter(Door.texts, exchange, Door.secrets[0]).work()


if __name__ == "__main__":
    main(*sys.argv[1:])
