"""``make demo``: start everything, tell the story, check that nothing was lost or done twice."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from rich.console import Console

from deploy.demo import cases, cast, composed, mailroom, officer, screen, simulator, told
from deploy.demo.ledger import Ledger
from deploy.demo.outcome import Outcome
from deploy.demo.persistence import AWAY, persist
from deploy.demo.place import stage
from deploy.demo.story import Story
from deploy.local.ports import free_port
from deploy.local.program import Program
from deploy.local.scratch import scratch
from deploy.local.supervisor import stop_on_signals
from deploy.stack import bootstrap
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.invariants import Balance, Breach
from deploy.stack.leaks import NothingSearched, holds
from deploy.words import say
from shared.contracts.vocabulary import Role

QUICK = {
    "LIVELIHOOD_SUPPORT_UNREACHED_SECONDS": "1",
    "NOTIFICATION_RETRY_UNIT_SECONDS": "0.2",
    **{
        f"{service}_LEASE_SECONDS": "5"
        for service in ("DIRECTORY", "INTAKE", "VERIFICATION", "LIVELIHOOD_SUPPORT", "NOTIFICATION")
    },
}
"""Waits that take minutes in a real installation take seconds here."""
MAIL = {
    "NOTIFICATION_SMTP_HOST": mailroom.HERE,
    "NOTIFICATION_MAIL_FROM": "thong-bao@nhipcau.example",
    "NOTIFICATION_CONSOLE_ADDRESS": "https://nhipcau.example",
}
"""How offices without a system are written to."""
PEOPLE = {
    "DIRECTORY_SECOND_FACTOR_REQUIRED": "false",
    "NOTIFICATION_DIGEST_LOOK_SECONDS": "1",
}
"""How an officer logs in here, and how often is looked whether one is to be written to."""
SMS_SECRET = {"NOTIFICATION_SMS_SECRET_FILE": str(simulator.SMS_SECRET)}
"""How texts for phones are handed over."""
STEPS = "journeys.txt"
LAST_LOOK = 30.0
"""Seconds beyond the time given in which a server may still come back for the last look."""
NEXT = {
    "run-it-yourself": "make up (README.md, README.vi.md)",
    "how-it-works": "docs/architecture.md",
}
"""Where to go on, by what is to be found there."""


class Site(Protocol):
    """Where the exchange runs: on this machine alone, or in containers."""

    def balance(self) -> Balance:
        """Count every message at its sender and its receiver."""

    def deliveries(self) -> dict[str, int]:
        """How many deliveries are in which state."""

    def breaches(self) -> list[Breach]:
        """Rules of the field that the rows of some database break."""

    def leaks(self, words: Iterable[str]) -> list[str]:
        """Places outside the vault where any of these words appears."""


def run(*, stack: str, data: Path | None, seconds: float) -> int:
    """Exit status: 0 when every invariant holds."""
    console = Console()
    outcome = _composed(console, seconds) if stack == "compose" else _here(console, data, seconds)
    print(outcome.line())  # noqa: T201 - machines read it
    sys.stdout.flush()
    return 0 if all(outcome.checks.values()) else 1


def _composed(console: Console, seconds: float) -> Outcome:
    """The story told to an exchange in containers."""
    story, ledger = composed.join()
    clock = Clock(time.monotonic(), seconds)
    outcome = play(console, story, ledger, composed.Containers(), clock)
    report(console, outcome, {"logs": ".data-demo/containers.log"})
    return outcome


def _here(console: Console, data: Path | None, seconds: float) -> Outcome:
    """The story told to an exchange of its own; everything has stopped when this returns."""
    with stop_on_signals(), stage(data) as folder, _elsewhere(data) as elsewhere:
        clock = Clock(time.monotonic(), seconds)
        console.print(say("starting", folder=folder))
        port, mail_port = free_port(), free_port()
        partners = f"http://127.0.0.1:{port}"
        extra = {
            **QUICK,
            **MAIL,
            **PEOPLE,
            **SMS_SECRET,
            "NOTIFICATION_SMTP_PORT": f"{mail_port}",
            "NOTIFICATION_SMS_GATEWAY_ADDRESS": f"{partners}{simulator.GATEWAY}",
        }
        with running(folder, port=free_port(), extra=extra, elsewhere=elsewhere) as installation:
            console.print(say("everybody-joins", seconds=f"{clock.seconds:.1f}"))
            story, ledger = _join(installation, port, mail_port)
            outcome = play(console, story, ledger, installation, clock)
            (folder / STEPS).write_text(screen.steps(outcome), encoding="utf-8")
            places = {
                "every-step": f"{folder / STEPS}",
                "logs": f"{folder / 'logs'}",
            }
            report(console, outcome, places)
    return outcome


def _elsewhere(data: Path | None) -> AbstractContextManager[Path | None]:
    """Where to put what cannot be in the folder: it lasts only if the folder was asked for."""
    return scratch() if data is None else nullcontext(None)


@dataclass(frozen=True)
class Clock:
    """How long the demonstration has run, and how long it may."""

    began: float
    most: float

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def is_up(self) -> bool:
        """Whether the time is over."""
        return self.seconds > self.most

    @property
    def last_look(self) -> float:
        """Until when what is away is waited for once the story has ended."""
        return max(self.began + self.most, time.monotonic()) + LAST_LOOK


def play(console: Console, story: Story, ledger: Ledger, site: Site, clock: Clock) -> Outcome:
    """Let the story happen and watch it until everything came back or the time is up."""
    look = partial(_look, story, ledger, site, clock)
    try:
        with screen.Progress(console) as progress:
            story.begin()
            outcome = watch(story, look, progress, clock)
        persist(story.look, until=clock.last_look)
        breaches = persist(site.breaches, until=clock.last_look)
        leaks = persist(partial(_leaks, story, ledger, site), until=clock.last_look)
    finally:
        story.end()
    return replace(outcome, breaches=breaches, leaks=leaks)


def watch(
    story: Story, look: Callable[[], Outcome], progress: screen.Progress, clock: Clock
) -> Outcome:
    """The last look; a server that is away is looked for again, and what was seen is kept."""
    before: Outcome | None = None
    while True:
        story.check()
        try:
            outcome = look()
        except AWAY:
            progress.wait(say("server-away"))
        else:
            progress.show(outcome)
            if outcome.is_quiet and outcome.is_like(before):
                return outcome
            before = outcome
        if clock.is_up:
            return before or persist(look, until=clock.last_look)
        time.sleep(0.5)


def _look(story: Story, ledger: Ledger, site: Site, clock: Clock) -> Outcome:
    everybody_acted = story.is_acted
    return Outcome(
        story=story,
        everybody_acted=everybody_acted,
        verifications=story.verifications(),
        referrals=story.referrals(),
        balance=site.balance(),
        partners=ledger.summary(),
        deliveries=site.deliveries(),
        seconds=clock.seconds,
    )


def _leaks(story: Story, ledger: Ledger, site: Site) -> list[str]:
    secrets = [word for it in story.submissions for word in it.case.secrets]
    told = [say("webhooks")] if holds(ledger.bodies(), secrets) else []
    try:
        return told + site.leaks(secrets)
    except NothingSearched as fault:
        # A search that could find nothing is not passed, and the story is told to its end.
        return [*told, say("not-searched", places=fault)]


def report(console: Console, outcome: Outcome, places: Mapping[str, str]) -> None:
    """The table of journeys, the invariants, where to look next."""
    screen.journeys(console, outcome.story.submissions)
    told.steps(console, outcome.story.steps)
    screen.conclusion(console, outcome, {**places, **NEXT})


def _join(installation: Installation, port: int, mail_port: int) -> tuple[Story, Ledger]:
    """Register everybody and start the partners' systems in a process of their own."""
    submissions = cases.load()
    keys = installation.environment.keys.folder
    file = installation.folder / "simulator.json"
    ledger = cast.open_ledger(file)
    registrar = installation.sandbox()
    everybody, partners = cast.assemble(
        registrar,
        base_url=installation.base_url,
        agencies={case.submit_as for case in submissions},
        listen_on=f"http://127.0.0.1:{port}",
        unreached={cast.UNREACHED},
        offices={cast.OFFICE},
    )
    console = bootstrap.console_credentials(keys)
    employed = officer.appoint(registrar, console, installation.base_url, installation.folder)
    cast.configure(
        file,
        base_url=installation.base_url,
        port=port,
        partners=partners,
        console=console,
        mail_port=mail_port,
        mailboxes={employed.mailbox: cast.CASE_OWNER},
    )
    simulator = Program(
        name="partners",
        argv=[sys.executable, "-m", "deploy.demo.simulator", str(file.absolute())],
        env={"PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"},
        cwd=CODE,
        port=port,
        # What is sent before they are there comes again, mails after a minute only.
        ready=partial(cast.are_there, port),
    )
    installation.start([simulator])
    operator = installation.client(bootstrap.credentials(keys, Role.OPERATOR))
    others = officer.Others(operator, employed)
    return Story(everybody, submissions, ledger, installation.database, others), ledger
