"""The periods that run in what somebody is a party to: what is late, and what to do about it."""

from asyncio import gather
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.console.pages.duties import NEVER, Row
from services.console.pages.visit import Visit
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date

KEEPERS = (Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT)
"""The services that keep clocks."""
_INSTANT = timedelta(microseconds=1)
"""What is due from the first moment of a day on ends with the day before."""
SOME = "25"
"""How many of a service a page shows that is about something else; all are counted."""
_THINGS: Mapping[str, str] = {
    "case": "/cases/{object_id}/initial-check",
    "verification": "/verifications/{object_id}",
    "protection": "/protections/{object_id}",
}
"""By the kind of thing the page about it, whoever reads it."""
_DO: Mapping[str, str] = {
    "verifier": "late-do-verifier",
    "protector": "late-do-protector",
    "partner": "late-do-partner",
    "case_owner": "late-do-case-owner",
}
"""By whoever has to act, what somebody else does who reads that it is late."""


@dataclass(frozen=True)
class Ticking:
    """One period that runs, and which service says so."""

    service: Queue
    clock: Mapping[str, Any]
    row: Row
    """The same as a duty is shown, to lead to where it is done."""

    @property
    def order(self) -> tuple[datetime, str]:
        """What ends first stands first."""
        due_at = self.clock["due_at"]
        return (datetime.fromisoformat(due_at) if due_at else NEVER), self.clock["id"]

    @property
    def is_late(self) -> bool:
        """Whether its last day is over."""
        return self.clock["breached_at"] is not None

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in time; unset where there is none, or it stands still."""
        due_at = self.clock["due_at"]
        if due_at is None or self.clock["paused_at"]:
            return None
        return local_date(datetime.fromisoformat(due_at) - _INSTANT)

    @property
    def why(self) -> str:
        """Where it is explained by which rule it ends, and when."""
        return f"/why/{self.service.segment}/{self.clock['object_id']}"

    @property
    def do(self) -> str:
        """What somebody does about it who has no duty there, as a code of a text."""
        return _DO.get(self.clock["rule"]["owner_role"], "late-do-other")

    @property
    def page(self) -> str:
        """Where it is done, or looked at."""
        clock = self.clock
        if clock["duty"] and (done_at := self.row.page):
            return done_at
        if clock["subject"] in _THINGS:
            return _THINGS[clock["subject"]].format(**clock)
        referral_id = clock["link"].rsplit("/", 1)[-1]
        if clock["case_id"]:
            return f"/cases/{clock['case_id']}/referrals/{referral_id}"
        return f"/offers/{clock['object_id']}"


@dataclass(frozen=True)
class TickingList:
    """The periods of all services, what ends first in front."""

    rows: Sequence[Ticking]
    late: int
    """How many there are in all that are late, whatever is shown."""
    undated: int
    """How many run in all without an end, because nobody knows how long they are."""
    others_by_day: Mapping[date, int]
    """How many end on each day that somebody else has to keep."""
    missing: Sequence[Queue]
    """The services that did not answer."""

    @property
    def those_late(self) -> Sequence[Ticking]:
        """Those that are late, of those that are here."""
        return [each for each in self.rows if each.is_late]

    @property
    def holders(self) -> Sequence[str | None]:
        """The organisations that these are with."""
        return [each.clock["level_holder_id"] for each in self.rows]


async def running_of(visit: Visit, **wanted: str) -> TickingList:
    """Ask all services that keep clocks at once; one that is down is left out, and named."""
    query = {"page_size": SOME, **wanted}
    panels = await gather(*(visit.panel(each, "/clocks", **query) for each in KEEPERS))
    own = visit.person.subject.organisation_id
    told = {each: panel.told for each, panel in zip(KEEPERS, panels, strict=True) if panel.told}
    rows = [
        Ticking(service, it, Row(service, {**it, "what": it["duty"]}, own))
        for service, said in told.items()
        for it in said["items"]
    ]
    days = Counter[date]()
    for said in told.values():
        days.update({date.fromisoformat(it["day"]): it["count"] for it in said["others_by_day"]})
    return TickingList(
        rows=sorted(rows, key=lambda each: each.order),
        late=sum(said["late"] for said in told.values()),
        undated=sum(said["undated"] for said in told.values()),
        others_by_day=days,
        missing=[it for it, panel in zip(KEEPERS, panels, strict=True) if panel.is_missing],
    )
