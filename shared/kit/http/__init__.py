"""The HTTP edge every service shares: application, gate, sessions, creating requests."""

from shared.kit.addresses import place_of
from shared.kit.http.application import create_api
from shared.kit.http.edge import Edge, Now, ReadSession, edge_of
from shared.kit.http.gate import LARGEST_BODY, BodyTooLarge
from shared.kit.http.once import (
    Asked,
    Once,
    OnceOnly,
    Outcome,
    answer_once,
    asked_by,
    attempt_of,
    record_refusal,
    respond,
)
from shared.kit.http.reading import NotedRead, NothingSaid, Reading, reading
from shared.kit.http.waiting import answered

__all__ = [
    "LARGEST_BODY",
    "Asked",
    "BodyTooLarge",
    "Edge",
    "NotedRead",
    "NothingSaid",
    "Now",
    "Once",
    "OnceOnly",
    "Outcome",
    "ReadSession",
    "Reading",
    "answer_once",
    "answered",
    "asked_by",
    "attempt_of",
    "create_api",
    "edge_of",
    "place_of",
    "reading",
    "record_refusal",
    "respond",
]
