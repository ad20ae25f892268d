"""Protection: decided within its hours, and decided late."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import PROTECTIONS, Case, DidNotComeAbout, Exchange, moved, posted
from deploy.deadlines.scenes.days import A_WHILE, BREACHED, morning_of
from services.verification.policy import (
    Duty,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionStatus,
)
from shared.contracts import Queue
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.clock import local_date

SOON = timedelta(hours=3)
LOOKED_AT_AGAIN = timedelta(days=30)


def is_protected_in_time(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Asked for by whoever received the person, and granted within three hours."""
    case = exchange.submit("wants-to-sew", (EntitlementCode.PSYCHOLOGICAL,))
    asked = ask(exchange, case)
    yield exchange.dial.now + SOON
    granted = grant(exchange, asked)
    if not decided_at(granted) < due_at(granted):
        raise DidNotComeAbout(Shown.PROTECTION_IN_TIME)
    board.tell(Shown.PROTECTION_IN_TIME, case, told=granted["protector_id"])


def is_protected_late(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Nobody decides in its hours: whoever owns the case asks why, and it is granted after all."""
    case = exchange.submit("from-a-scam-compound", (EntitlementCode.VOCATIONAL,))
    asked = ask(exchange, case)
    yield due_at(asked) + A_WHILE
    told = exchange.until(BREACHED, lambda: exchange.told(case, BREACHED))
    # What looks for what is late may have looked a moment before it was.
    yield exchange.dial.now + A_WHILE
    exchange.owes(Queue.VERIFICATION, Duty.ASK_PROTECTOR, asked["id"])
    board.tell(Shown.PROTECTION_BREACHED, case, told=told["organisation_id"])
    yield morning_of(exchange.dial.now, 1)
    granted = grant(exchange, asked)
    if not decided_at(granted) > due_at(granted):
        raise DidNotComeAbout(Shown.PROTECTION_LATE)
    board.tell(Shown.PROTECTION_LATE, case, told=granted["protector_id"])


def ask(exchange: Exchange, case: Case) -> dict[str, Any]:
    """Ask as whoever received the person; it goes to whoever protects there."""
    exchange.verification(case)
    path = f"/verification/v1/cases/{case.id}/protections"
    return posted(exchange.client(case.submitter), path, {"measures": [ProtectionMeasure.SECRECY]})


def grant(exchange: Exchange, asked: dict[str, Any]) -> dict[str, Any]:
    """Whoever protects there grants it; the request afterwards."""
    today = local_date(exchange.dial.now)
    where = f"{PROTECTIONS}/{asked['id']}"
    moved(
        exchange.client_of(asked["protector_id"]),
        where,
        move=ProtectionMove.GRANT,
        measures=[ProtectionMeasure.SECRECY],
        paper_number="07/QĐ-UBND",
        paper_on=today.isoformat(),
        review_on=(today + LOOKED_AT_AGAIN).isoformat(),
    )
    granted = exchange.read(where)
    if granted["status"] != ProtectionStatus.GRANTED:
        raise DidNotComeAbout("grant")
    return granted


def due_at(protection: dict[str, Any]) -> datetime:
    """Until when it has to be decided."""
    return datetime.fromisoformat(protection["due_at"])


def decided_at(protection: dict[str, Any]) -> datetime:
    """When it was decided."""
    return datetime.fromisoformat(protection["decided_at"])
