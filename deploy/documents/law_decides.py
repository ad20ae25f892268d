"""Which date or page each row of the law decides, and what a lawyer is asked about it."""

from collections.abc import Iterator, Mapping

from shared.law import PeriodKey
from shared.law.entries import Entry, entries
from shared.law.questions import Question, questions

DECIDES: Mapping[PeriodKey, str] = {
    PeriodKey.RECEPTION_INITIAL_CHECK: "the last day to check first: `/cases/<id>/initial-check`",
    PeriodKey.VERIFICATION_NORMAL: "the last day of a verification: `/verifications/<id>`",
    PeriodKey.VERIFICATION_EXTENDED: "its last day once it is extended: `/verifications/<id>`",
    PeriodKey.SUPPORT_APPLICATION_WINDOW: "the last day to apply: `/cases/<id>/support`",
    PeriodKey.REFERRAL_DELIVERY: "when the next programme is asked: `/cases/<id>/referrals`",
    PeriodKey.REFERRAL_ANSWER: "the last day to answer an offer: `/offers/<id>`",
    PeriodKey.SUPPORT_CASE_OWNER_DECIDES: "the receipt of a reception says it; no date runs",
    PeriodKey.REFERRAL_START: "the last day to begin a service: `/offers/<id>`",
    PeriodKey.REFERRAL_CONFIRMATION: "the last day to ask the person: `/cases/<id>/referrals`",
    PeriodKey.PROTECTION_DECISION: "by when protection is decided about: `/protections/<id>`",
    PeriodKey.STAY_MAXIMUM: "until when somebody may stay in a facility: `/stays/<id>`",
    PeriodKey.PURGE_CONFIRMATION: "when a case owner asks after a purge: `/cases/<id>/consents`",
    PeriodKey.DIRECTORY_FRESHNESS: "until when a programme is assured: `/programmes`",
    PeriodKey.CLOCK_WARNING: "when somebody is warned that what runs on a clock nears its end",
    PeriodKey.CLOCK_WARNING_IN_HOURS: "the same of a period in hours",
    PeriodKey.CLOCK_ESCALATION: "when whoever leads them is told of it",
    PeriodKey.COMPLAINT_WINDOW: "the last day to complain: `/verifications/<id>`",
    PeriodKey.COMPLAINT_ANSWER: "the last day to answer a complaint: `/verifications/<id>`",
}
"""By the name of a period; the others decide nothing yet."""
NOTHING = "nothing yet"

_HEAD = """## Open questions for a lawyer

One question for what is recalled, assumed or unset. The board *Certainty of the law* of the console
says which open cases wait for each. Who answers one names the text; the row then gets its value
and *confirmed*.
"""


def open_questions() -> Iterator[str]:
    """The questions in both languages, each with the rows that wait for it as they are now."""
    yield _HEAD
    named = {(it.key, it.regime): it for it in entries()}
    for number, each in enumerate(questions(), start=1):
        yield _question(number, each, [named[name] for name in each.about])


def _question(number: int, question: Question, about: list[Entry]) -> str:
    rows = "; ".join(f"`{it.key}` ({it.regime or 'both'}): {_now(it)}" for it in about)
    return f"{number}. {question.vi}\n   *{question.en}*\n   {rows}\n"


def _now(entry: Entry) -> str:
    word = f"{entry.status}, unset" if entry.is_unset else str(entry.status)
    return f"{entry.legal_ref} ({word})"
