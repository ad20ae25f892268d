"""Telling a service, step by step, what it was never told of; and what an upgrade tells so."""

from collections.abc import Iterator, Sequence

from services.directory.domain.retelling import PASTS
from shared.contracts import OfficerChanged, Queue, RuleChanged
from shared.contracts.base import Message
from shared.kit.database import Database
from shared.messaging import retelling
from shared.messaging.retelling import Past

SINCE: Sequence[tuple[type[Message], Queue]] = (
    (OfficerChanged, Queue.INTAKE),
    (RuleChanged, Queue.VERIFICATION),
)
"""What the directory tells whom since a release: of what was there before it nobody was told."""


def steps(database: Database, past: Past, to: Queue, actor: str) -> Iterator[int]:
    """Tell of everything of a kind; after each transaction, how many things it told of."""
    after = None
    while True:
        with database.begin() as session:
            after, many = retelling.retell(session, past, to, after=after, actor=actor)
        if after is None:
            return
        yield many


def tell_what_is_new(directory: Database, actor: str) -> None:
    """After an upgrade, tell what the release before told nobody.

    Each is told of once: who was told of a thing is never told of it so again.
    """
    for message, to in SINCE:
        (past,) = (it for it in PASTS if it.messages[0] is message)
        for _ in steps(directory, past, to, actor):
            pass
