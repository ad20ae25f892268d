"""``make deadlines``: weeks pass on a clock that is turned, and every period is seen in time."""

import heapq
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console

from deploy.deadlines.board import Board
from deploy.deadlines.dial import Dial
from deploy.deadlines.ending import tell_end
from deploy.deadlines.exchange import VERIFIER, DidNotComeAbout, Exchange
from deploy.deadlines.scenes import SCENES, Scene
from deploy.deadlines.scenes.days import DAY, morning_of
from deploy.demo.cast import CASE_OWNER
from deploy.demo.place import stage
from deploy.local.ports import free_port
from deploy.local.supervisor import stop_on_signals
from deploy.stack.installation import Installation, running
from deploy.words import say
from shared.kit.clock import utc_now

OWN = Path(".data-deadlines")
DIAL = "seconds-behind"
BEGINS_BEFORE = 36
"""Days: longer than the longest of the scenes, wherever holidays lie, and shorter than whatever is
forgotten after a while is kept."""


def run(own: Path) -> int:
    """Exit status: 0 when every scene came about and every invariant holds."""
    began, console = time.monotonic(), Console()
    with stop_on_signals(), stage(None, own) as folder:
        console.print(say("starting", folder=folder))
        faults = _played(console, folder)
    for what in faults:
        console.print(say("did-not-come-about", what=what), style="bold red")
    console.print(say("deadlines-took", seconds=f"{time.monotonic() - began:.0f}"))
    return 1 if faults else 0


def _played(console: Console, folder: Path) -> Sequence[str]:
    """What did not come about, or does not hold at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    dial = Dial(folder / DIAL, morning_of(utc_now() - BEGINS_BEFORE * DAY))
    with (
        running(folder, port=free_port(), extra=dial.settings) as installation,
        joined(installation, dial) as exchange,
    ):
        board = Board(console, exchange)
        faults = play(exchange, board)
        dial.turn_to_present()
        holds = tell_end(console, installation, exchange)
    return [*faults, *board.lacking, *([] if holds else [say("invariants-broken")])]


@contextmanager
def joined(installation: Installation, dial: Dial) -> Iterator[Exchange]:
    """Everybody who acts, with somebody who leads those who decide."""
    exchange = Exchange(installation.base_url, installation.sandbox(), dial)
    try:
        exchange.let_lead(VERIFIER, CASE_OWNER)
        exchange.assure()
        yield exchange
    finally:
        exchange.close()


def play(exchange: Exchange, board: Board, scenes: Sequence[Scene] = SCENES) -> list[str]:
    """Each scene goes on at the moments it names, the earliest of all first; what went wrong."""
    faults: list[str] = []
    running_scenes = [scene(exchange, board) for scene in scenes]
    due = [(exchange.dial.now, number) for number in range(len(scenes))]
    while due:
        at, number = heapq.heappop(due)
        exchange.dial.turn_to(at)
        try:
            heapq.heappush(due, (next(running_scenes[number]), number))
        except StopIteration:
            continue
        except (DidNotComeAbout, httpx2.HTTPError) as fault:
            faults.append(f"{scenes[number].__name__}: {fault}")
    return faults
