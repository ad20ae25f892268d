"""What routes are handed by the application they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from shared.kit.auth import TokenVerifier
from shared.kit.clock import Clock
from shared.kit.database import Begin
from shared.texts import Texts, shared_texts


@dataclass(frozen=True)
class Edge:
    """What routes need from their composition root."""

    service: str
    title: str
    begin: Begin
    read: Begin
    verifier: TokenVerifier
    clock: Clock
    token_url: str = "/token"  # noqa: S105 - an address
    """Where access tokens are asked for, as the reference tells it."""
    texts: Texts = field(default_factory=shared_texts)
    """What is said to people."""


# What waits for nothing runs on the loop itself: FastAPI hands any other dependency to a thread,
# which costs more than most of them do.
async def edge_of(request: Request) -> Edge:
    """Dependency: the edge this application was made with."""
    edge: Edge = request.app.state.edge
    return edge


def _read_session(edge: Annotated[Edge, Depends(edge_of)]) -> Iterator[Session]:
    with edge.read() as session:
        yield session


# Function scope: the session closes, and a write commits, before the answer leaves.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]


async def _now(edge: Annotated[Edge, Depends(edge_of)]) -> datetime:
    return edge.clock()


Now = Annotated[datetime, Depends(_now)]
