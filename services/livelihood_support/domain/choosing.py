"""How a place is chosen, explained: who would be asked next, with what score, and who could not be.

The policy that chooses says it, of the programmes as they stand now; nothing here decides again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.cases import consented_kinds
from services.livelihood_support.domain.locks import read_case
from services.livelihood_support.domain.placement import Seeker, asked_before, rank_for
from services.livelihood_support.domain.places import read_places
from services.livelihood_support.domain.reading import Asker, found_by
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import (
    OPEN_OFFERS,
    Candidate,
    Exclusion,
    Merit,
)
from shared.access import Permission
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class CandidateView:
    """A programme for a need: its place among those that may be asked, or why it cannot be."""

    programme_id: UUID
    organisation_id: UUID
    organisation_kind: str
    rank: int | None
    score: int | None
    points: Mapping[Merit, int]
    excluded_by: Exclusion | None
    capacity: int
    free: int
    is_asked: bool


def find_candidates(
    session: Session, *, referral_id: UUID, subject: Subject, now: datetime
) -> list[CandidateView]:
    """The programmes for the need of a referral, best first, then those that cannot be asked."""
    asker = Asker(session, subject, Permission.OFFER_READ, now)
    referral, _, offer, _ = found_by(asker, referral_id)
    ranking = rank_for(
        _seeker(session, referral), read_places(session, EntitlementCode(referral.code)), now
    )
    asked = _asked(offer)
    ranked = [
        _view(each.candidate, asked, rank=place, score=each.score, points=each.points)
        for place, each in enumerate(ranking.ranked, start=1)
    ]
    in_order = sorted(ranking.excluded, key=lambda each: each.candidate.programme_id)
    excluded = [_view(each.candidate, asked, excluded_by=each.why) for each in in_order]
    return [*ranked, *excluded]


def _seeker(session: Session, referral: Referral) -> Seeker:
    kinds = consented_kinds(session, [referral.case_id])[referral.case_id]
    asked = asked_before(session, [referral])[referral.id]
    return Seeker(referral, read_case(session, referral.case_id), kinds, asked)


def _asked(offer: Offer | None) -> UUID | None:
    return offer.programme_id if offer and offer.status in OPEN_OFFERS else None


def _view(
    candidate: Candidate,
    asked: UUID | None,
    *,
    rank: int | None = None,
    score: int | None = None,
    points: Mapping[Merit, int] | None = None,
    excluded_by: Exclusion | None = None,
) -> CandidateView:
    return CandidateView(
        programme_id=candidate.programme_id,
        organisation_id=candidate.organisation_id,
        organisation_kind=candidate.organisation_kind,
        rank=rank,
        score=score,
        points=points or {},
        excluded_by=excluded_by,
        capacity=candidate.capacity,
        free=candidate.free,
        is_asked=candidate.programme_id == asked,
    )
