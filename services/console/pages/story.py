"""What happened in a case, in words: a line for each event, and the lanes of its journey."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.console.pages.lanes import Lane, Span
from shared.kit.clock import local_date
from shared.texts import TextLanguage, of_service

Told = Mapping[str, Any]

SAYS: Mapping[str, Sequence[tuple[str, str]]] = {
    "initial_check": [("outcome", "initial_check_outcome")],
    "immediate_need_ended": [("outcome", "need_outcome")],
    "verification_concluded": [("outcome", "verification_outcome")],
    "referral_requested": [("code", "entitlement_code")],
    "referral_moved": [
        ("code", "entitlement_code"),
        ("status", "referral_status"),
        ("outcome", "service_outcome"),
        ("reason", "reason_code"),
    ],
    "referral_confirmed": [("code", "entitlement_code")],
    "provision_recorded": [("code", "entitlement_code")],
    "provision_corrected": [("code", "entitlement_code")],
    "question_asked": [("code", "entitlement_code")],
    "question_answered": [("code", "entitlement_code")],
    "protection_moved": [("status", "protection_status")],
    "stay_moved": [("status", "stay_status")],
    "clock_warned": [("reason", "period_key"), ("status", "clock_level")],
    "clock_breached": [("reason", "period_key"), ("status", "clock_level")],
    "consent_given": [("organisation_kind", "organisation_kind"), ("purpose", "purpose")],
    "consent_withdrawn": [("organisation_kind", "organisation_kind"), ("purpose", "purpose")],
    "corrected": [("reason", "correction_reason")],
    "handed_over": [("status", "hand_over_kind"), ("reason", "hand_over_reason")],
    "assignment_made": [("role", "assigned_role"), ("reason", "assignment_reason")],
    "assignment_ended": [("role", "assigned_role"), ("reason", "assignment_reason")],
    "identity_asked": [("outcome", "disclosure_outcome"), ("purpose", "purpose")],
    "file_opened": [("purpose", "legal_purpose"), ("reason", "legal_reason")],
}
"""What is said of an event besides its kind: its field, and the vocabulary of its code."""

GOOD = frozenset(
    {
        "initial_check",
        "immediate_need_ended",
        "verification_concluded",
        "provisional_plan_opened",
        "plan_opened",
        "referral_confirmed",
        "provision_recorded",
        "urgency_settled",
        "consent_given",
    }
)


@dataclass(frozen=True)
class Line:
    """An event as it is read."""

    at: str
    title: str
    said: str
    who: str
    tone: str


def line_of(event: Told, names: Mapping[str, str], language: TextLanguage) -> Line:
    """An event in words."""
    texts = of_service("intake")
    kind = event["kind"]
    told = [
        texts.say(language, vocabulary, event[field])
        for field, vocabulary in SAYS.get(kind, ())
        if event[field]
    ]
    if event["need"] and not event["code"]:
        told.insert(0, texts.say(language, "need_kind", event["need"]))
    return Line(
        at=event["at"],
        title=texts.say(language, "event_kind", kind),
        said=": ".join(told[:2]) + "".join(f" · {each}" for each in told[2:]),
        who=names.get(event["organisation_id"] or "", ""),
        tone=_tone(kind),
    )


BETWEEN = frozenset({"start", "pause", "resume", "extend", "reopen"})
"""Moves of a verification that no other service is told of."""


def lines_of_moves(moves: Sequence[Told], title: str, language: TextLanguage) -> list[Line]:
    """What was done in a verification between its opening and its end, in words."""
    texts = of_service("verification")
    return [
        Line(
            at=move["at"],
            title=title,
            said=": ".join(
                texts.say(language, vocabulary, move[field])
                for field, vocabulary in (("move", "move"), ("reason", "move_reason"))
                if move[field]
            ),
            who="",
            tone="plain",
        )
        for move in moves
        if move["move"] in BETWEEN
    ]


def merged(
    page: Sequence[Line], others: Sequence[Line], *, before: str, is_last: bool
) -> list[Line]:
    """A page of the story with what lies between its ends, and behind it on the last; newest first.

    ``before`` is where the page before this one ended; nothing where this is the first.
    """
    lower = None if is_last or not page else _instant(page[-1].at)
    upper = _instant(before) if before else None
    between = [
        line
        for line in others
        if (lower is None or _instant(line.at) >= lower)
        and (upper is None or _instant(line.at) < upper)
    ]
    return sorted([*page, *between], key=lambda line: _instant(line.at), reverse=True)


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _tone(kind: str) -> str:
    if kind in GOOD:
        return "good"
    if kind == "clock_breached":
        return "late"
    return "waits" if kind.startswith("referral") else "plain"


ENDED = frozenset({"completed", "rejected", "cancelled", "failed", "entered_in_error"})


def lanes_of(
    case: Told,
    *,
    steps: Sequence[Told],
    assignments: Sequence[Told],
    referrals: Sequence[Told],
    today: date,
) -> list[Lane]:
    """The lanes of a case; one of which nothing is known is left out."""
    received = Span(_day(case["received_at"]), _day(case["registered_at"]), "done")
    lanes = [
        Lane("lane-reception", [received]),
        Lane("lane-verification", list(_verification(steps))),
        Lane("lane-shelter", list(_parts(assignments, "facility"))),
        Lane("lane-protection", list(_parts(assignments, "protector"))),
        Lane("lane-support", list(_support(steps))),
        Lane("lane-referrals", list(_asked(referrals, today))),
    ]
    return [lane for lane in lanes if lane.spans]


def _verification(steps: Sequence[Told]) -> Iterator[Span]:
    """From each opening to the conclusion behind it; a reopening is a span of its own."""
    begun: date | None = None
    for step in steps:
        if step["kind"] == "verification_opened":
            begun = begun or _day(step["at"])
        elif step["kind"] == "verification_concluded":
            yield Span(begun or _day(step["at"]), _day(step["at"]), "done")
            begun = None
    if begun is not None:
        yield Span(begun, None, "now")


def _support(steps: Sequence[Told]) -> Iterator[Span]:
    begins = {"provisional_plan_opened", "plan_opened"}
    opened = next((it for it in steps if it["kind"] in begins), None)
    if opened is not None:
        yield Span(_day(opened["at"]), None, "now")


def _parts(assignments: Sequence[Told], role: str) -> Iterator[Span]:
    for part in assignments:
        if part["role"] == role:
            ended = part["ended_at"] and _day(part["ended_at"])
            last = ended or (part["valid_to"] and date.fromisoformat(part["valid_to"]))
            yield Span(date.fromisoformat(part["valid_from"]), last, "done" if ended else "now")


def _asked(referrals: Sequence[Told], today: date) -> Iterator[Span]:
    """One for each referral; and what is still to be answered, up to its last day."""
    for referral in referrals:
        begun, is_over = _day(referral["opened_at"]), referral["status"] in ENDED
        tone = "done" if is_over else "waits" if referral["status"] == "requested" else "now"
        yield Span(begun, _day(referral["moved_at"]) if is_over else None, tone)
        if referral["answer_by"]:
            yield Span(today, _day(referral["answer_by"]), "ahead")


def _day(instant: str) -> date:
    return local_date(datetime.fromisoformat(instant))
