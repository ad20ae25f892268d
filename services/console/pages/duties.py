"""What somebody must do, of all services, and where each of it is done.

**Whoever adds a duty says on which page it is done, in a row of ``PAGES``**; a test asks for it.
What a service of the next release tells of stands in the list without a link.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.console.pages.visit import Visit
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date

_CASE = "/cases/{case_id}"
_REFERRALS = f"{_CASE}/referrals"
_ONE = re.compile(r"/referrals/[0-9a-f-]{36}")
"""The end of a duty's link where it is about one referral: the page about that one is meant."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERIFYING = (
    "start_verification",
    "decide_verification",
    "resume_verification",
    "find_authority",
    "ask_authority",
    "remind_authority",
    "tell_of_decision",
    "tell_of_answer",
    "answer_complaint",
    "ask_why_withdrawn",
)
_PROTECTING = (
    "decide_protection",
    "review_protection",
    "find_protector",
    "remind_protector",
    "ask_protector",
)
_HOUSING = (
    "record_arrival",
    "prepare_leaving",
    "end_stay",
    "ask_facility",
)
_SERVING = (
    "answer_offer",
    "start_service",
    "resume_service",
    "complete_service",
    "confirm_purge",
)
_NOTICES = "have_notice_read"
_PLANNING = ("tell_fact", "ask_for_need", "review_plan", "offer_way_on")
_REFERRING = (
    "find_programme",
    "decide_referral",
    "reach_organisation",
    "ask_organisation",
    "ask_why_failed",
    "ask_why_unstarted",
    "reply_to_question",
    "ask_for_purge",
    "confirm_service",
)
_MANAGING = ("give_link", "renew_grant", "reach_colleague")
_ADDRESSED = frozenset(
    {
        (Queue.DIRECTORY, "renew_endpoint"),
        (Queue.DIRECTORY, "renew_office_mailbox"),
        (Queue.NOTIFICATION, "mend_endpoint"),
    }
)
"""What an organisation does with its own address, and an administrator with anybody's."""
OWN = "/deliveries/own"
PAGES: Mapping[tuple[Queue, str], str] = {
    (Queue.INTAKE, "continue_draft"): "/reception/{object_id}",
    (Queue.INTAKE, "see_to_urgent_needs"): f"{_CASE}/immediate-needs",
    (Queue.INTAKE, "settle_handover"): "/advance-notices/{object_id}",
    (Queue.INTAKE, "take_first_look"): f"{_CASE}/initial-check",
    (Queue.INTAKE, "see_to_first_look"): "/notices",
    (Queue.INTAKE, "renew_assignment"): f"{_CASE}/assignments",
    (Queue.INTAKE, "reach_person"): f"{_CASE}/contact",
    **{(Queue.INTAKE, what): f"{_CASE}/hand-over" for what in ("name_owner", "name_officer")},
    **{(Queue.VERIFICATION, what): "/verifications/{object_id}" for what in _VERIFYING},
    **{(Queue.VERIFICATION, what): "/protections/{object_id}" for what in _PROTECTING},
    **{(Queue.LIVELIHOOD_SUPPORT, what): "/offers/{object_id}" for what in _SERVING},
    **{(Queue.LIVELIHOOD_SUPPORT, what): f"{_CASE}/support" for what in _PLANNING},
    **{(Queue.LIVELIHOOD_SUPPORT, what): _REFERRALS for what in _REFERRING},
    **{(Queue.LIVELIHOOD_SUPPORT, what): "/stays/{object_id}" for what in _HOUSING},
    (Queue.LIVELIHOOD_SUPPORT, "find_facility"): f"{_CASE}/stays",
    (Queue.LIVELIHOOD_SUPPORT, "see_to_stay"): "/notices",
    (Queue.LIVELIHOOD_SUPPORT, "answer_handover"): "/readiness",
    (Queue.LIVELIHOOD_SUPPORT, "prepare_handover"): "/advance-notices/{object_id}",
    (Queue.LIVELIHOOD_SUPPORT, "tell_readiness"): "/readiness",
    (Queue.LIVELIHOOD_SUPPORT, "attest_readiness"): "/readiness",
    (Queue.VERIFICATION, _NOTICES): "/notices",
    (Queue.VERIFICATION, "see_to_decision"): "/notices",
    (Queue.VERIFICATION, "see_to_protection"): "/notices",
    (Queue.LIVELIHOOD_SUPPORT, _NOTICES): "/notices",
    **{
        (Queue.LIVELIHOOD_SUPPORT, f"see_to_{what}"): "/notices"
        for what in ("answer", "purge", "start")
    },
    (Queue.LIVELIHOOD_SUPPORT, "see_to_confirmation"): "/notices",
    (Queue.DIRECTORY, "assure_programme"): "/programmes",
    **{(Queue.DIRECTORY, what): "/staff/{object_id}" for what in _MANAGING},
    **{(Queue.DIRECTORY, what): "/account/mails" for what in ("renew_mailbox", "renew_phone")},
    (Queue.DIRECTORY, "publish_rule"): "/rules/proposals/{object_id}",
    **dict.fromkeys(_ADDRESSED, "/administration/organisations/{linked}#endpoint"),
    (Queue.NOTIFICATION, "resume_endpoint"): "/deliveries/of/{linked}",
    (Queue.NOTIFICATION, "resume_organisation"): "/deliveries/of/{linked}",
    (Queue.NOTIFICATION, "resume_channel"): "/deliveries/channels",
    (Queue.NOTIFICATION, "publish_template"): "/templates/versions/{object_id}",
    **{(each, "operator_alert"): f"/operations/{each.segment}" for each in Queue},
    **{(each, "parked_message"): f"/operations/parked/{each.segment}" for each in Queue},
    (Queue.NOTIFICATION, "parked_delivery"): "/deliveries/{linked}",
}
"""By service and duty the address of the page, filled with what the duty names, and what its link
leads to: the last thing that it names."""

URGENCIES = ("overdue", "today", "this_week", "later", "undated")
"""As an answer counts them: together they are all that there is."""
WAITING = "waiting"
_BETWEEN, _OF = ".", "~"
_PLACE = f"({'|'.join(each.segment for each in Queue)}){_OF}[A-Za-z0-9_-]+"
CURSOR = rf"^({_PLACE}(\{_BETWEEN}{_PLACE})*)?$"
"""How it is written where the list goes on: each service with the last of its duties so far."""

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One duty, which service says so, and of which organisation whoever has it is."""

    service: Queue
    duty: Mapping[str, Any]
    own_id: UUID

    @property
    def order(self) -> tuple[datetime, bool, datetime, str]:
        """As each service orders its own: by its end, then what waits for nobody else, longest."""
        due_at = self.duty["due_at"]
        ends = datetime.fromisoformat(due_at) if due_at else NEVER
        since = datetime.fromisoformat(self.duty["since"])
        return ends, self.duty["is_waiting"], since, self.duty["object_id"]

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in time."""
        why = self.duty["why"]
        return date.fromisoformat(why["last_day"]) if why else None

    @property
    def why(self) -> str | None:
        """Where it is explained by which rule it is due, and when."""
        is_ruled = self.duty["rule"] is not None
        return f"/why/{self.service.segment}/{self.duty['object_id']}" if is_ruled else None

    @property
    def page(self) -> str | None:
        """Where it is done, if there is a page."""
        key = (self.service, self.duty["what"])
        path = PAGES.get(key)
        if path is None:
            return None
        named = _ID.findall(self.duty["link"])
        linked = named[-1] if named else str(self.own_id)
        if key in _ADDRESSED and linked == str(self.own_id):
            return OWN
        one = _ONE.search(self.duty["link"]) if path == _REFERRALS else None
        page = f"{_CASE}{one[0]}" if one else path
        return page.format(**self.duty, linked=linked)


@dataclass(frozen=True)
class Inbox:
    """What somebody must do, what presses most first."""

    rows: Sequence[Row]
    counts: Mapping[str, int]
    """How many there are in all, by urgency, and how many of them wait for somebody else."""
    days: Mapping[date, int]
    """How many end on each day."""
    missing: Sequence[Queue]
    """The services that did not answer."""
    next_cursor: str | None
    """With it the list goes on after these rows; ``None`` at its end."""

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(self.counts.get(urgency, 0) for urgency in URGENCIES)

    @property
    def to_do(self) -> int:
        """Those whose next step is this person's."""
        return self.total - self.counts.get(WAITING, 0)

    @property
    def next_day(self) -> date | None:
        """The first day on which something ends, of those that have not passed."""
        today = local_date(datetime.now(UTC))
        return min((day for day in self.days if day >= today), default=None)


async def inbox_of(visit: Visit, wanted: Mapping[str, str], many: int, cursor: str = "") -> Inbox:
    """Ask all services at once; one that is down is left out, and named.

    Of each as many are asked for as are shown, so that what presses most is among them.
    """
    begun, own = _places(cursor), visit.person.subject.organisation_id
    query = {"page_size": str(many), **wanted}
    panels = await asyncio.gather(
        *(visit.panel(each, "/duties", **query, cursor=begun.get(each, "")) for each in Queue)
    )
    told = {each: panel.told for each, panel in zip(Queue, panels, strict=True) if panel.told}
    rows = sorted(
        (Row(service, duty, own) for service, said in told.items() for duty in said["items"]),
        key=lambda row: row.order,
    )
    has_more = len(rows) > many or any(said["next_cursor"] for said in told.values())
    counts, days = Counter[str](), Counter[date]()
    for said in told.values():
        counts.update(said["counts"])
        days.update({date.fromisoformat(it["day"]): it["count"] for it in said["days"]})
    return Inbox(
        rows=rows[:many],
        counts=counts,
        days=days,
        missing=[each for each, panel in zip(Queue, panels, strict=True) if panel.is_missing],
        next_cursor=_after(begun, rows[:many]) if has_more else None,
    )


def _places(cursor: str) -> Mapping[Queue, str]:
    """Where the list of each service goes on; a service without a place begins."""
    named = dict(place.split(_OF) for place in cursor.split(_BETWEEN) if place)
    return {each: named[each.segment] for each in Queue if each.segment in named}


def _after(begun: Mapping[Queue, str], rows: Sequence[Row]) -> str:
    places = {**begun, **{row.service: row.duty["cursor"] for row in rows}}
    return _BETWEEN.join(f"{service.segment}{_OF}{place}" for service, place in places.items())
