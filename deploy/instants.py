"""How an option of the command takes an instant: written as the APIs take it."""

from datetime import datetime

import typer
from pydantic import TypeAdapter, ValidationError

from deploy.stack.refusals import Refused
from deploy.words import say
from shared.kit.shapes import Instant

_READ: TypeAdapter[datetime] = TypeAdapter(Instant)


def read_instant(text: str) -> datetime:
    """RFC 3339 with its offset; refuses every other form, so that none is taken for another."""
    try:
        return _READ.validate_python(text)
    except ValidationError:
        raise Refused(say("time-form")) from None


AN_INSTANT = typer.Option(parser=read_instant, metavar="<rfc3339>")
"""An option whose value is an instant."""
