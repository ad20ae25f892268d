"""Intake, asked for a number and a text at the moment at which a message would leave."""

from typing import Protocol
from uuid import UUID

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from services.notification.policy import ContactAnswer, Disclosed, Refused, Unanswered
from shared.contracts import Queue
from shared.contracts.vocabulary import ContactRefusal
from shared.kit.logging import logger
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign

PATH = "/intake/v1/contact-answers"
OK = 200


class ContactGateway(Protocol):
    """Whoever knows where a person may be reached."""

    def ask(self, message_id: UUID) -> ContactAnswer:
        """Where to and what, once; never raises for what the other side does."""

    def close(self) -> None:
        """Drop the connections."""


class IntakeGateway:
    """Asks intake, signed with the key that it shares with notification.

    An address of our own installation, so that the guards against those of others do not apply.
    """

    def __init__(self, links: Links, address: str, *, seconds: float) -> None:
        self._links = links
        self._url = address.rstrip("/") + PATH
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(total=seconds))

    def ask(self, message_id: UUID) -> ContactAnswer:
        """The answer, if it is intake's; what comes without its signature is none."""
        question = orjson.dumps({"message_id": str(message_id)})
        signature = sign(self._links, Queue.INTAKE, Said.QUESTION, question)
        headers = {"Content-Type": "application/json", SIGNATURE: signature}
        try:
            heard = self._http.request(
                "POST", self._url, body=question, headers=headers, retries=False, redirect=False
            )
        except HTTPError as fault:
            logger().warning("intake_silent", error=type(fault).__name__)
            return Unanswered()
        given = heard.headers.get(SIGNATURE, "")
        is_genuine = is_signed(self._links, Queue.INTAKE, Said.ANSWER, heard.data, given)
        if heard.status != OK or not is_genuine:
            logger().warning("intake_answers_nothing", status=heard.status)
            return Unanswered()
        told = orjson.loads(heard.data)
        if told["refusal"] is not None:
            return Refused(ContactRefusal(told["refusal"]))
        return Disclosed(told["to"], told["text"])

    def close(self) -> None:
        """Drop the connections."""
        self._http.clear()
