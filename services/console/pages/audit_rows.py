"""An entry of the audit in words: who, what, of which fields, for what, with which end."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from services.console.pages.visit import Visit
from services.console.views import name_in
from shared.contracts.vocabulary import Queue
from shared.texts import TextLanguage, of_service

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLACE = re.compile(rf"\{{\w+\}}|{_ID}")
ACTION = "audit_action"
REFUSED = "refused"
KINDS = ("entry_kind",)
OUTCOMES = ("problem", "disclosure_outcome", "file_outcome")
PURPOSES = ("purpose", "legal_purpose")
REASONS = (
    "legal_reason",
    "assignment_reason",
    "hand_over_reason",
    "correction_reason",
    "move_reason",
    "protection_reason",
    "reason_code",
    "replay_reason",
    "stay_reason",
)
FIELDS = ("disclosed_field", "case_field")
"""Vocabularies in which a code of an entry may stand: an entry does not say of which it is."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


@dataclass(frozen=True)
class Row:
    """One entry, in words."""

    id: str
    kind: str
    """Whether somebody saw something, did something, or was refused, as a code."""
    sort: str
    """The same in words."""
    at: str
    service: Queue
    organisation: str | None
    """Unset for what services do by themselves, and while the directory does not say."""
    person: str | None
    actor: str
    what: str
    fields: Sequence[str]
    purpose: str | None
    reason: str | None
    outcome: str | None
    """Why it was refused; unset for what was done."""
    times: int
    object_id: str


def row_of(
    visit: Visit,
    service: Queue,
    entry: Mapping[str, Any],
    actors: Mapping[str, Mapping[str, Any]],
) -> Row:
    """An entry in the reader's language."""
    language, facts = visit.person.language, entry["facts"]
    words = _Words(language, service)
    who = actors.get(entry["actor"], {})
    return Row(
        id=entry["id"],
        kind=entry["kind"],
        sort=words.of(KINDS, entry["kind"]),
        at=entry["at"],
        service=service,
        organisation=name_in(language, who, "organisation_") if who else None,
        person=who.get("display_name"),
        actor=entry["actor"],
        what=what_of(language, entry["action"]),
        fields=[words.of(FIELDS, each) for each in facts.get("fields") or ()],
        purpose=entry["purpose"] and words.of(PURPOSES, entry["purpose"]),
        reason=facts.get("reason") and words.of(REASONS, facts["reason"]),
        outcome=words.of(OUTCOMES, entry["outcome"]) if entry["kind"] == REFUSED else None,
        times=facts.get("times", 1),
        object_id=entry["object_id"],
    )


def spelled(action: str) -> str:
    """An action as its text is found by: whichever thing it was tried on."""
    return _PLACE.sub("{}", action)


COMPOSED: Mapping[str, tuple[Queue, Sequence[str]]] = {
    "clock": (Queue.VERIFICATION, ("clock_stage",)),
    "delivery": (Queue.NOTIFICATION, ("delivery_state",)),
    "person_message": (Queue.NOTIFICATION, ("person_message_state",)),
    "referral": (Queue.LIVELIHOOD_SUPPORT, ("referral_status", "move")),
    "protection": (Queue.VERIFICATION, ("protection_move",)),
    "stay": (Queue.LIVELIHOOD_SUPPORT, ("stay_move",)),
    "verification": (Queue.VERIFICATION, ("move",)),
}
"""Actions of a name and a code of a vocabulary of their service: `referral.accepted`."""


def what_of(language: TextLanguage, action: str) -> str:
    """What an action is called."""
    texts, name = of_service("console"), spelled(action)
    kind, _, code = name.partition(".")
    if kind in COMPOSED and not texts.has(ACTION, name):
        service, vocabularies = COMPOSED[kind]
        said = _Words(language, service).of(vocabularies, code)
        return f"{texts.say(language, ACTION, kind)}: {said}"
    return texts.say(language, ACTION, name)


@dataclass(frozen=True)
class _Words:
    language: TextLanguage
    service: Queue

    def of(self, vocabularies: Sequence[str], code: str) -> str:
        """The text of a code in the first vocabulary that has it; else it speaks for itself."""
        texts = of_service(self.service)
        found = (name for name in vocabularies if texts.has(name, code))
        return texts.say(self.language, next(found, vocabularies[0]), code)


COLUMNS = (
    *("at", "organisation", "person", "actor", "what", "fields", "purpose", "reason"),
    *("outcome", "sort", "times", "service", "object_id", "id"),
)


def table_of(
    say: Callable[..., str], rows: Sequence[Row], *, is_more: bool, missing: Sequence[str]
) -> str:
    """Entries as CSV (RFC 4180), with what is not in it said at its end."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow([say(f"column-{name.replace('_', '-')}") for name in COLUMNS])
    for row in rows:
        table.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    for service in missing:
        table.writerow([say("panel-missing", part=service)])
    if is_more:
        table.writerow([say("audit-more-in-next-file", id=rows[-1].id)])
    return BYTE_ORDER_MARK + written.getvalue()


def _cell(value: object) -> str:
    """What a spreadsheet takes as text, whoever gave themselves a name."""
    said = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{said}" if said.startswith(FORMULAS) else said
