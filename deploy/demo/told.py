"""What happened beside the journeys, in a few lines, with what somebody's list of duties said."""

import os
from collections.abc import Iterator

from rich.console import Console

from deploy.demo.cast import BROKEN_SCHOOL, CASE_OWNER, UNREADING
from deploy.demo.mended import MEND_ENDPOINT
from deploy.demo.silenced import REACH_PERSON
from deploy.demo.steps import Steps
from deploy.demo.unread import REACH_ORGANISATION
from deploy.words import say
from shared.contracts import Queue
from shared.texts import of_locale, of_service

DUTY = "duty"


def steps(console: Console, shown: Steps) -> None:
    """Say of each step that was shown what it was; of any other the invariants tell."""
    for line in _lines(shown):
        console.print(line, style="dim", highlight=False)


def _lines(shown: Steps) -> Iterator[str]:
    if shown.silenced.is_shown:
        code, duty = shown.silenced.submission.code, _duty(Queue.INTAKE, REACH_PERSON)
        yield say("who-was-silenced", case=code, duty=duty)
    if shown.unread.is_shown:
        duty = _duty(Queue.LIVELIHOOD_SUPPORT, REACH_ORGANISATION)
        yield say("who-did-not-read", asked=UNREADING, duty=duty)
    if shown.mended.is_shown:
        duty = _duty(Queue.NOTIFICATION, MEND_ENDPOINT)
        yield say("what-was-mended", broken=BROKEN_SCHOOL, duty=duty)
    if shown.digested.is_shown:
        yield say("who-reads-digests", owner=CASE_OWNER)


def _duty(service: Queue, what: str) -> str:
    """As the console has it."""
    return of_service(service).say(of_locale(os.environ), DUTY, what)
