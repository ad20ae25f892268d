"""Partners' own systems, simulated: they verify, look at a referral, answer, serve, complete.

An office without a system reads its mails instead, and accepts by the link of the mail; whoever
serves there says the rest by their account, here by a client.

One process stands for every partner of the demonstration, each at a path of its own. Signatures
are verified with the independent ``standardwebhooks`` package. Whatever a partner does can be
repeated without acting twice: its Idempotency-Keys are derived from the webhook it answers.
"""

import sys
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx2
import orjson
from standardwebhooks import Webhook, WebhookVerificationError

from deploy.demo.ledger import Ledger, Received
from deploy.demo.mailroom import Mailroom
from deploy.demo.office import OfficeClient
from deploy.stack.client import ApiClient, Credentials
from shared.contracts.vocabulary import Purpose, ReasonCode, ReferralStatus, ServiceOutcome

GATEWAY = "/sms"
TEXTS = f"{GATEWAY}/messages"
"""Where the gateway of SMS is, and where it takes texts."""
SMS_SECRET = Path(__file__).with_name("sms_secret")
REQUESTED, TEST = "referral.requested", "endpoint.test"
ACCEPTING = "accepts"
REJECTING = "rejects_for_capacity"
LISTENING = "listens"
NO_PLACE = {"move": "reject", "reason": ReasonCode.CAPACITY}
DONE_ALREADY = {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_FOUND}


@dataclass(frozen=True, repr=False)
class Office:
    """The office of an organisation without a system."""

    mailbox: str
    code: str
    base_url: str
    console: Credentials

    def accept(self, received: Received, referral: str) -> None:
        """Accept the offer that a mail asks for, by its link and the code agreed."""
        link = received.body["data"]["link"]
        client = OfficeClient(self.base_url, self.console, link=link, code=self.code)
        try:
            seen = client.get(referral)
            if seen.status_code == HTTPStatus.NOT_FOUND:
                return
            seen.raise_for_status()
            made, version = {"move": "accept"}, seen.headers["etag"]
            _move(client, made, received.webhook_id, referral=referral, version=version)
        finally:
            client.close()


@dataclass(frozen=True, repr=False)
class Partner:
    """One simulated organisation."""

    code: str
    behaviour: str
    secret: str
    client: ApiClient
    full_for: str
    """The age band for which it has no place left; empty if there is none."""
    office: "Office | None" = None
    """Where it reads its mails; none where it has a system."""

    @classmethod
    def read(cls, stored: dict[str, Any], base_url: str, console: Credentials) -> "Partner":
        """From an entry of the configuration file."""
        office = stored["office"]
        return cls(
            code=stored["code"],
            behaviour=stored["behaviour"],
            secret=stored["secret"],
            client=ApiClient(base_url, Credentials.read(stored["client"])),
            full_for=stored["full_for"],
            office=office and Office(office["mailbox"], office["code"], base_url, console),
        )


class Receiver(BaseHTTPRequestHandler):
    """Takes webhooks, and texts for phones: verifies, keeps, acknowledges."""

    protocol_version = "HTTP/1.1"
    partners: dict[str, Partner]
    ledger: Ledger

    def do_POST(self) -> None:
        """Keep a genuine webhook before answering 204, a genuine text before answering 202."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        take = self._take_text if self.path == TEXTS else self._take
        self.send_response(take(body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _take_text(self, body: bytes) -> HTTPStatus:
        """As a gateway of SMS does (docs/sms-gateway.md); it reports nothing."""
        try:
            Webhook(secret_of_texts()).verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            return HTTPStatus.UNAUTHORIZED
        self.ledger.keep_text(orjson.loads(body)["id"])
        return HTTPStatus.ACCEPTED

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing for each request."""

    def _take(self, body: bytes) -> HTTPStatus:
        partner = self.partners.get(self.path.strip("/"))
        if partner is None:
            return HTTPStatus.NOT_FOUND
        if self.ledger.is_broken(partner.code):
            self.ledger.refuse(partner.code, "down")
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            Webhook(partner.secret).verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            self.ledger.refuse(partner.code, "signature")
            return HTTPStatus.UNAUTHORIZED
        event = orjson.loads(body)
        self.ledger.keep(self.headers["webhook-id"], partner.code, event, _effect(event))
        return HTTPStatus.NO_CONTENT


def secret_of_texts() -> str:
    """What the exchange signs texts with here: on loopback alone, and known to everybody."""
    return SMS_SECRET.read_text(encoding="utf-8").strip()


def _effect(event: dict[str, Any]) -> str:
    """What the event means to the partner: the same meaning under two ids would be a repeat.

    A test means nothing, and whoever wants another one is sent another one.
    """
    if TEST in event["type"]:
        return str(event["id"])
    return orjson.dumps(
        [event["type"], event.get("subject"), event["data"]], option=orjson.OPT_SORT_KEYS
    ).decode()


class Staff:
    """The partners' people: they act on what was received, in order, until told to stop."""

    def __init__(self, partners: dict[str, Partner], ledger: Ledger) -> None:
        self._partners = partners
        self._ledger = ledger

    def work(self) -> None:
        """Act on what waits, for ever."""
        while True:
            waiting = self._ledger.waiting()
            for received in waiting:
                self._act(received)
            if not waiting:
                time.sleep(0.1)

    def _act(self, received: Received) -> None:
        partner = self._partners[received.partner]
        if REQUESTED in received.body["type"] and partner.behaviour != LISTENING:
            try:
                answer_referral(partner, received)
            except httpx2.HTTPError:
                # The exchange is away; the webhook stays in the ledger and is acted on later.
                time.sleep(0.5)
                return
        self._ledger.done(received.webhook_id)


def answer_referral(partner: Partner, received: Received) -> None:
    """Reject, or accept, learn who it is, start and complete; what was done before is left out.

    For how old the person is, there may be no place left; that is read before it is answered.
    """
    referral = f"/livelihood-support/v1/referrals/{received.body['data']['referral_id']}"
    if partner.office is not None:
        partner.office.accept(received, referral)
    moves = [NO_PLACE]
    if partner.behaviour == ACCEPTING:
        moves = [
            {"move": "accept"},
            {"move": "start"},
            {"move": "complete", "outcome": ServiceOutcome.PROVIDED},
        ]
    for move in moves:
        seen = partner.client.get(referral)
        if seen.status_code == HTTPStatus.NOT_FOUND:
            # The offer was recalled: the referral is somebody else's now.
            return
        seen.raise_for_status()
        read = seen.json()
        if read["status"] == ReferralStatus.ACCEPTED:
            _learn_identity(partner, received)
        is_full = read["age_band"] == partner.full_for
        made = NO_PLACE if is_full else move
        version = seen.headers["etag"]
        _move(partner.client, made, received.webhook_id, referral=referral, version=version)
        if is_full:
            return


def _move(
    client: ApiClient, move: dict[str, Any], webhook_id: str, *, referral: str, version: str
) -> None:
    """Post a move; one that is no longer possible was made before, or the offer is gone."""
    # A stored refusal is repeated under its key, so another version is another question.
    key = str(uuid5(NAMESPACE_URL, f"{webhook_id}/{move['move']}/{version}"))
    answer = client.post(f"{referral}/moves", move, key=key, version=version)
    if answer.status_code not in DONE_ALREADY:
        answer.raise_for_status()


def _learn_identity(partner: Partner, received: Received) -> None:
    """Ask for exactly what was consented to; used here only to see that there is an answer.

    A consent that was withdrawn meanwhile is an answer too: what was accepted goes on without.
    """
    answer = partner.client.post(
        "/intake/v1/disclosures",
        {
            "referral_id": received.body["data"]["referral_id"],
            "purpose": Purpose.SERVICE_REFERRAL,
        },
        key=str(uuid5(NAMESPACE_URL, f"{received.webhook_id}/disclosure")),
        # Its own acceptance may reach intake later than this.
        may_appear=True,
    )
    if answer.status_code != HTTPStatus.FORBIDDEN:
        answer.raise_for_status()


def main() -> None:
    """``python -m deploy.demo.simulator CONFIGURATION``."""
    stored = orjson.loads(Path(sys.argv[1]).read_bytes())
    ledger = Ledger(Path(stored["ledger"]))
    console = Credentials.read(stored["console"])
    partners = {
        it["code"]: Partner.read(it, stored["base_url"], console) for it in stored["partners"]
    }
    Receiver.partners, Receiver.ledger = partners, ledger
    offices = {it.office.mailbox: code for code, it in partners.items() if it.office}
    mailboxes = {**offices, **stored["mailboxes"]}
    if mailboxes:
        Mailroom(mailboxes, ledger).open(stored["mail_port"])
    door = ThreadingHTTPServer(("127.0.0.1", stored["port"]), Receiver)
    threading.Thread(target=door.serve_forever, name="door", daemon=True).start()
    # On the main thread: a fault ends the process, which is started again and acts again.
    Staff(partners, ledger).work()


if __name__ == "__main__":
    main()
