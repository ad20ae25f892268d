"""The end: the targets of the plan, and whether anything was lost or done twice meanwhile."""

import os
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from deploy.deadlines.exchange import ENTERING, Exchange
from deploy.stack.installation import Installation
from deploy.words import say, spelled, text
from services.intake.policy import Who
from shared.contracts import Queue
from shared.texts import of_service
from shared.texts.choice import of_locale

BREACH = "breach"
SETTLES_WITHIN = 20.0
"""Seconds in which what the last day has brought about is told and taken."""
PROTECTING = "/verification/v1/targets"
WHO, WHY, GAP, PARTY = "who", "turn_reason", "protection_gap", "protection_party"
"""Vocabularies: who must act, and why somebody is an exception."""


def tell_end(console: Console, installation: Installation, exchange: Exchange) -> bool:
    """Tell both targets with each exception, and the invariants; whether they hold.

    A period that is over is a breach of the law, and a fact that the exchange has told; a breach of
    an invariant would be a fault of the exchange itself.
    """
    _tell_entering(console, exchange.read(ENTERING))
    _tell_protecting(console, exchange.read(PROTECTING))
    exchange.soon(lambda: installation.balance().is_sound or None, SETTLES_WITHIN)
    balance, breaches = installation.balance(), installation.breaches()
    counted = say("counted", told=balance.told, open=balance.open, parked=balance.parked)
    console.print(say("deadlines-balance", counted=counted), highlight=False)
    console.print(say("deadlines-breaches", count=len(breaches)), highlight=False, soft_wrap=True)
    for breach in breaches:
        console.print(f"{text(BREACH, spelled(breach.rule))}: {len(breach.rows)}", style="bold red")
    return balance.is_sound and not breaches


def _tell_entering(console: Console, target: Mapping[str, Any]) -> None:
    """T1: every received case enters verification."""
    told = say(
        "target-entering",
        received=target["received"],
        entered=target["entered"],
        on_their_way=target["on_their_way"],
        excepted=target["excepted"],
    )
    console.print(told, highlight=False, soft_wrap=True)
    for it in target["items"]:
        why, who = _word(Queue.INTAKE, WHY, it["why"]), _word(Queue.INTAKE, WHO, it["who"])
        told = say("target-exception", target="T1", case=it["case_code"], why=why, who=who)
        console.print(told, highlight=False, soft_wrap=True)


def _tell_protecting(console: Console, target: Mapping[str, Any]) -> None:
    """T2: every victim and relative in need is protected."""
    told = say(
        "target-protecting",
        in_need=target["in_need"],
        protected=target["protected"],
        excepted=target["excepted"],
    )
    console.print(told, highlight=False, soft_wrap=True)
    for it in target["items"]:
        why, who = _word(Queue.VERIFICATION, GAP, it["gap"]), _party(it["who"])
        told = say("target-exception", target="T2", case=it["case_code"], why=why, who=who)
        console.print(told, highlight=False, soft_wrap=True)


def _party(who: str | None) -> str:
    return _word(Queue.VERIFICATION, PARTY, who) if who else _word(Queue.INTAKE, WHO, Who.NOBODY)


def _word(service: Queue, vocabulary: str, code: str) -> str:
    return of_service(service).say(of_locale(os.environ), vocabulary, code)
