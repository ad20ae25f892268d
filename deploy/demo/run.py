"""``make demo``: start everything, tell the story, check that nothing was lost or done twice."""

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import orjson
from rich.console import Console
from rich.live import Live

from deploy.demo import cases, cast, composed, screen
from deploy.demo.ledger import Ledger
from deploy.demo.story import ENDED, Story
from deploy.local.place import erase
from deploy.local.ports import free_port
from deploy.local.program import Program
from deploy.local.supervisor import stop_on_signals
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.invariants import Balance

QUICK = {
    "NOTIFICATION_RETRY_UNIT_SECONDS": "0.2",
    **{
        f"{service}_LEASE_SECONDS": "5"
        for service in ("DIRECTORY", "INTAKE", "VERIFICATION", "LIVELIHOOD_SUPPORT", "NOTIFICATION")
    },
}
"""Waits that are minutes in earnest are seconds here."""


CONCLUDED = {"delivered", "parked", "no_endpoint"}
"""States in which a delivery waits for nothing but a person."""


class Site(Protocol):
    """Where the exchange runs: on this machine alone, or in containers."""

    def balance(self) -> Balance:
        """Count every message at its sender and its receiver."""

    def deliveries(self) -> dict[str, int]:
        """How many deliveries are in which state."""

    def leaks(self, words: Iterable[str]) -> list[str]:
        """Places outside the vault where any of these words appears."""


@dataclass(frozen=True)
class Outcome:
    """How the demonstration ended."""

    story: Story
    referrals: list[dict[str, Any]]
    balance: Balance
    partners: dict[str, int]
    deliveries: dict[str, int]
    seconds: float
    leaks: Sequence[str] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return (
            self.balance.is_settled
            and bool(self.referrals)
            and all(it["status"] in ENDED for it in self.referrals)
            and set(self.deliveries) <= CONCLUDED
            and self.partners["waiting"] == 0
        )

    @property
    def checks(self) -> dict[str, bool]:
        """The invariants in words, and whether each holds."""
        submissions = self.story.submissions
        return {
            "every good case was accepted, every bad one refused with its field": all(
                bool(it.refused_for) == it.case.is_refused for it in submissions
            ),
            "every referral came back with an answer (I1)": bool(self.referrals)
            and all(it["status"] in ENDED for it in self.referrals),
            "no effect twice at a partner (I2)": self.partners["twice"] == 0,
            "messages told = handled, none open, none parked (I3)": self.balance.is_sound
            and self.balance.parked == 0,
            "every case's messages applied 1..n without a gap (I4)": self.balance.gaps == 0,
            "no name or number anywhere but in the vault's ciphertext (I6)": not self.leaks,
            "every notification delivered": set(self.deliveries) <= {"delivered"},
            "every journey reached the agency that submitted it": all(
                it.steps for it in submissions if it.case_id
            ),
        }

    def line(self) -> str:
        """The last line: ``DEMO {json}``."""
        figures = {
            "cases": sum(bool(it.case_id) for it in self.story.submissions),
            "referrals": len(self.referrals),
            "deliveries": sum(self.deliveries.values()),
            "lost": self.balance.lost,
            "twice": self.balance.twice + self.partners["twice"],
            "open": self.balance.open + self.balance.held,
            "parked": self.balance.parked + self.deliveries.get("parked", 0),
            "seconds": round(self.seconds, 1),
        }
        return f"DEMO {orjson.dumps(figures).decode()}"


def run(*, stack: str, data: Path | None, seconds: float) -> int:
    """Exit status: 0 when every invariant holds."""
    console = Console()
    if stack == "compose":
        story, ledger = composed.join()
        began = time.monotonic()
        site = composed.Containers()
        outcome = play(console, story, ledger, site, began=began, seconds=seconds)
        return report(console, outcome, "docker compose logs")
    with stop_on_signals(), _folder(data) as folder:
        began = time.monotonic()
        console.print(f"Starting PostgreSQL, Redis and the exchange in {folder} ...")
        with running(folder, port=free_port(), extra=QUICK) as installation:
            console.print(f"Up after {time.monotonic() - began:.1f} s; everybody joins.")
            story, ledger = _join(installation)
            outcome = play(console, story, ledger, installation, began=began, seconds=seconds)
            return report(console, outcome, f"{folder}/logs")


def play(
    console: Console,
    story: Story,
    ledger: Ledger,
    site: Site,
    *,
    began: float,
    seconds: float,
) -> Outcome:
    """Let the story happen and watch it until everything came back or the time is up."""
    try:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            story.begin()
            while True:
                outcome = Outcome(
                    story=story,
                    referrals=story.referrals(),
                    balance=site.balance(),
                    partners=ledger.summary(),
                    deliveries=site.deliveries(),
                    seconds=time.monotonic() - began,
                )
                live.update(
                    screen.progress(
                        story.submissions, outcome.referrals, outcome.balance, outcome.deliveries
                    ),
                )
                if outcome.is_over or outcome.seconds > seconds:
                    break
                time.sleep(0.5)
        story.look()
    finally:
        story.end()
    secrets = [word for it in story.submissions for word in it.case.secrets]
    return replace(outcome, leaks=site.leaks(secrets))


def report(console: Console, outcome: Outcome, logs: str) -> int:
    """The table of journeys, the invariants, the last line."""
    screen.journeys(console, outcome.story.submissions)
    screen.conclusion(console, outcome.checks, logs)
    print(outcome.line())  # noqa: T201 - machines read it
    sys.stdout.flush()
    return 0 if all(outcome.checks.values()) else 1


def _join(installation: Installation) -> tuple[Story, Ledger]:
    """Register everybody and start the partners' systems in a process of their own."""
    submissions = cases.load()
    port = free_port()
    everybody, partners = cast.assemble(
        installation.sandbox(),
        base_url=installation.base_url,
        agencies={case.submit_as for case in submissions},
        listen_on=f"http://127.0.0.1:{port}",
    )
    file = installation.folder / "simulator.json"
    cast.configure(file, base_url=installation.base_url, port=port, partners=partners)
    simulator = Program(
        name="partners",
        argv=[sys.executable, "-m", "deploy.demo.simulator", str(file)],
        env={"PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"},
        cwd=CODE,
        port=port,
    )
    installation.start([simulator])
    return Story(everybody, submissions), Ledger(file.with_name("partners.sqlite"))


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The folder asked for, kept; or one of its own, deleted when all went well."""
    if data is not None:
        yield data
        return
    folder = Path(tempfile.mkdtemp(prefix="nhipcau-demo-"))
    yield folder
    erase(folder)
