"""What the routes of the directory have in common."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import StringConstraints

from shared.kit.clock import local_date
from shared.kit.conditional import etag
from shared.kit.http import Now
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.shapes import Day, Id

AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,10}$")]
ById = Annotated[Id, Path(description="The id of what is asked for.")]
OnDay = Annotated[
    Day | None, Query(description="The day that is asked about; today if it is left out.")
]


READING = refusals(401, 404, 422)
LISTING = refusals(401, 422)
CREATING = refusals(400, 401, 403, 404, 409, 422)
CHANGING = refusals(400, 401, 403, 404, 409, 412, 422, 428)


def day(on: date | None, now: datetime) -> date:
    """The day asked about, in Hải Phòng's calendar."""
    return on or local_date(now)


def answer(status: int, body: dict[str, Any], *, location: str, version: int) -> Answer:
    """A stored answer about one versioned thing."""
    return Answer(status, body, {"Location": location, "ETag": etag(version)})


__all__ = [
    "CHANGING",
    "CREATING",
    "LISTING",
    "READING",
    "AreaCode",
    "ById",
    "Now",
    "OnDay",
    "answer",
    "day",
]
