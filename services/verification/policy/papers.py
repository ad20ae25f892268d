"""Which papers a verification has, who issues each, and what its number and its day may be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.verification.errors import PaperDayUnfit, PaperNotDue, PaperNumberUnfit
from services.verification.policy.vocabulary import EvidenceSource, Move, PaperKind, Party
from shared.contracts.vocabulary import VerificationOutcome
from shared.law.documents import kind_of_paper, parse_number


@dataclass(frozen=True)
class PaperFacts:
    """A paper that was issued: which, its number and its day."""

    kind: PaperKind
    number: str
    issued_on: date


@dataclass(frozen=True)
class EvidenceFacts:
    """A paper that speaks for or against an identification; never what it says, or of whom."""

    source: EvidenceSource
    number: str
    issued_on: date
    issuer_id: UUID | None = None
    """Unset where whoever issued it is not of the exchange: then its number alone says who."""


@dataclass(frozen=True)
class Decided:
    """What of a verification decides which papers it has."""

    has_verifier: bool
    outcome: VerificationOutcome | None
    is_by_paper: bool
    """Whether a paper that proves concluded it: that paper is the person's certificate."""


ISSUED_BY: Mapping[PaperKind, Party] = {
    PaperKind.REQUEST_LETTER: Party.CASE_OWNER,
    PaperKind.CERTIFICATE: Party.VERIFIER,
    PaperKind.NOTICE_OF_DECISION: Party.VERIFIER,
}

ABOUT: Mapping[PaperKind, frozenset[Move]] = {
    PaperKind.REQUEST_LETTER: frozenset({Move.OPEN, Move.ASSIGN, Move.REOPEN}),
    PaperKind.CERTIFICATE: frozenset({Move.CONCLUDE}),
    PaperKind.NOTICE_OF_DECISION: frozenset({Move.CONCLUDE}),
}
"""The steps that a paper is about: the last of them is the one that it was issued for."""


def _is_due(kind: PaperKind, decided: Decided) -> bool:
    match kind:
        case PaperKind.REQUEST_LETTER:
            return decided.has_verifier
        case PaperKind.CERTIFICATE:
            is_identified = decided.outcome is VerificationOutcome.IDENTIFIED
            return is_identified and not decided.is_by_paper
        case PaperKind.NOTICE_OF_DECISION:
            return decided.outcome is VerificationOutcome.NOT_IDENTIFIED


def papers_of(parties: Collection[Party], decided: Decided) -> list[PaperKind]:
    """What these parties issue of it as it stands now, in the order of the vocabulary."""
    return [it for it in PaperKind if ISSUED_BY[it] in parties and _is_due(it, decided)]


def check_paper(
    facts: PaperFacts,
    *,
    parties: Collection[Party],
    decided: Decided,
    received_on: date,
    today: date,
) -> None:
    """Refuses a paper that is not theirs to issue now, or cannot have this number or day.

    A decision is often entered days after its paper: so the day is only after the reception.
    """
    due = papers_of(parties, decided)
    if facts.kind not in due:
        raise PaperNotDue(can=due)
    wanted, number = kind_of_paper(facts.kind), parse_number(facts.number)
    if number is None or number.type != wanted:
        raise PaperNumberUnfit(kind=wanted)
    if not received_on <= facts.issued_on <= today:
        raise PaperDayUnfit(earliest=received_on.isoformat(), latest=today.isoformat())
