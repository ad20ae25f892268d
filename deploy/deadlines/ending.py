"""The end: the targets of the plan, and whether anything was lost or done twice meanwhile."""

from rich.console import Console

from deploy.deadlines.exchange import Exchange
from deploy.stack.installation import Installation
from deploy.words import say, spelled, text

BREACH = "breach"
SETTLES_WITHIN = 20.0
"""Seconds in which what the last day has brought about is told and taken."""
ENTERING = "/intake/v1/targets/entering-verification"


def tell_end(console: Console, installation: Installation, exchange: Exchange) -> bool:
    """Tell T1 with each exception, and the invariants; whether they hold.

    A period that is over is a breach of the law, and a fact that the exchange has told; a breach of
    an invariant would be a fault of the exchange itself.
    """
    target = exchange.read(ENTERING)
    told = say(
        "target-entering",
        received=target["received"],
        entered=target["entered"],
        on_their_way=target["on_their_way"],
        excepted=target["excepted"],
    )
    console.print(told, highlight=False, soft_wrap=True)
    for it in target["items"]:
        console.print(say("target-exception", case=it["case_code"], why=it["why"], who=it["who"]))
    exchange.soon(lambda: installation.balance().is_sound or None, SETTLES_WITHIN)
    balance, breaches = installation.balance(), installation.breaches()
    counted = say("counted", told=balance.told, open=balance.open, parked=balance.parked)
    console.print(say("deadlines-balance", counted=counted), highlight=False)
    console.print(say("deadlines-breaches", count=len(breaches)), highlight=False, soft_wrap=True)
    for breach in breaches:
        console.print(f"{text(BREACH, spelled(breach.rule))}: {len(breach.rows)}", style="bold red")
    return balance.is_sound and not breaches
