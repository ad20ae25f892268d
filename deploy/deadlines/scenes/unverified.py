"""An authority may verify no longer: what it had is of nobody, and the first target says so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import ENTERING, VERIFIER, Case, DidNotComeAbout, Exchange
from services.intake.policy import TurnReason
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date, utc_now


def has_no_authority(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Its role ends today: each case that it had not decided is an exception, with whose turn."""
    yield utc_now()
    verifier = exchange.organisations[VERIFIER]["id"]
    exchange.registrar.end_role(verifier, Role.VERIFIER, local_date(utc_now()))
    first = exchange.until("an exception", lambda: exception_of(exchange))
    if first["why"] != TurnReason.FIND_AUTHORITY:
        raise DidNotComeAbout(Shown.AUTHORITY_ENDED)
    case = Case(first["case_id"], first["case_code"], VERIFIER)
    board.tell(Shown.AUTHORITY_ENDED, case, told=first["organisation_id"])


def exception_of(exchange: Exchange) -> Any:
    """The first case that nobody verifies, if there is one."""
    return next(iter(exchange.read(ENTERING)["items"]), None)
