"""What the ``nhipcau`` command says, in one line, when it cannot do what it was asked."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import httpx2
import psycopg
import sqlalchemy.exc
import typer

from deploy.local.account import NoUnprivilegedAccount
from deploy.local.place import DataMissing
from deploy.local.ports import NoFreePort
from deploy.local.server import ServerFailed
from deploy.local.state import AlreadyRunning
from deploy.local.supervisor import NotReady
from deploy.local.wheels import ServerNotInstalled
from deploy.words import text
from shared.kit.database import is_database_down, is_passing
from shared.kit.errors import DomainError
from shared.kit.problems import VOCABULARY
from shared.texts import of_locale, of_service, shared_texts


class Refused(Exception):
    """Whoever typed the command can do something about it; the message says what."""


KNOWN: Mapping[type[Exception], str] = MappingProxyType(
    {
        Refused: "as-it-is",
        DomainError: "as-it-is",
        AlreadyRunning: "stop-it",
        NotReady: "not-started",
        ServerFailed: "not-started",
        ServerNotInstalled: "as-it-is",
        NoUnprivilegedAccount: "as-it-is",
        DataMissing: "as-it-is",
        NoFreePort: "as-it-is",
        PermissionError: "not-permitted",
        httpx2.HTTPError: "exchange-unwell",
    }
)
"""States of the machine and of the installation, and how the command complains of each."""
COMPLAINT = "complaint"

DOWN = "database-down"
BUSY = "database-busy"


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what is known to happen into one line on standard error and exit status 1.

    Anything else is a fault and keeps its trace.
    """
    try:
        yield
    except Exception as error:
        if _form(error) is None:
            raise
        typer.echo(f"nhipcau: {said(error)}", err=True)
        raise SystemExit(1) from None


def said(refusal: Exception) -> str:
    """The line for what is known: of several lines (a log's end) the first and the last."""
    lines = [line.strip() for line in _text(refusal).splitlines() if line.strip()]
    what = " ... ".join(dict.fromkeys((*lines[:1], *lines[-1:])))
    return text(COMPLAINT, _form(refusal) or "as-it-is", what=what)


def _form(error: Exception) -> str | None:
    if is_database_down(error):
        return DOWN
    if is_passing(error):
        return BUSY
    return next((form for kind, form in KNOWN.items() if isinstance(error, kind)), None)


def _title(refusal: DomainError) -> str:
    """The title of a refusal, as the service says it whose refusal it is."""
    room, name, *_ = type(refusal).__module__.split(".")
    texts = of_service(name) if room == "services" else shared_texts()
    return texts.say(of_locale(os.environ), VOCABULARY, refusal.code())


def _text(refusal: Exception) -> str:
    match refusal:
        case DomainError():
            return _title(refusal)
        case NoFreePort():
            return refusal.strerror or ""
        # Their whole text repeats the statement.
        case sqlalchemy.exc.DBAPIError(orig=psycopg.Error() as fault) | (psycopg.Error() as fault):
            return fault.diag.message_primary or str(fault)
        case _:
            return str(refusal)
