"""Which programme is asked next: exclusions first, then a score that can be explained."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.livelihood_support.policy.moves import ASK_AGAIN, AskAgain
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    Sex,
)
from shared.kit.languages import is_shared

AGES: Mapping[AgeBand, tuple[int, int]] = {
    AgeBand.UNDER_16: (0, 15),
    AgeBand.UNDER_18: (16, 17),
    AgeBand.ADULT: (18, 200),
}
"""The youngest and oldest a person of a band can be, in years."""

PROVINCE_CODE_LENGTH = 2
"""Administrative units: a province has two digits, a district three, a commune five."""


class Exclusion(StrEnum):
    """Why a programme cannot be asked at all."""

    OTHER_NEED = "other_need"
    INACTIVE = "inactive"
    NOT_ASSURED = "not_assured"
    NO_CONSENT = "no_consent"
    AGE_OUTSIDE = "age_outside"
    STAFF_SEX = "staff_sex"
    ASKED_BEFORE = "asked_before"
    NO_FREE_PLACE = "no_free_place"


class Merit(StrEnum):
    """What a programme earns points for."""

    SAME_AREA = "same_area"
    WHOLE_PROVINCE = "whole_province"
    SHARED_LANGUAGE = "shared_language"
    FREE_PLACES = "free_places"
    SELDOM_DECLINES = "seldom_declines"


POINTS: Mapping[Merit, int] = {
    Merit.SAME_AREA: 40,
    Merit.WHOLE_PROVINCE: 20,
    Merit.SHARED_LANGUAGE: 20,
    Merit.FREE_PLACES: 20,
    Merit.SELDOM_DECLINES: 20,
}
"""The most each merit can earn (a design default; nothing legal hangs on it)."""


@dataclass(frozen=True)
class Candidate:
    """A programme as it stands: who runs it, whom it serves, how many places are free."""

    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    codes: frozenset[EntitlementCode]
    area_codes: frozenset[str]
    languages: frozenset[str]
    minimum_age: int | None
    maximum_age: int | None
    staff_sex: Sex | None
    capacity: int
    held: int
    offers_made: int
    offers_declined: int
    assured_until: datetime | None
    """When the assurance of the directory ends; unset while no period is set."""
    changed_at: datetime
    is_active: bool

    @property
    def free(self) -> int:
        """Places that may still be held; none when a cut capacity is overdrawn."""
        return max(0, self.capacity - self.held)


def is_age_outside(band: AgeBand, *, minimum: int | None, maximum: int | None) -> bool:
    """Whether a person of a band may be too young, or too old, for a programme."""
    youngest, oldest = AGES[band]
    is_too_young = minimum is not None and youngest < minimum
    return is_too_young or (maximum is not None and oldest > maximum)


@dataclass(frozen=True)
class Need:
    """One need of one person, as far as a programme may be chosen by it."""

    code: EntitlementCode
    area_code: str
    age_band: AgeBand
    languages: frozenset[str]
    consented_kinds: frozenset[OrganisationKind]
    staff_sex: Sex | None = None
    """The sex the person asks the staff to have; unset if any will do."""


@dataclass(frozen=True)
class Asked:
    """An offer of this need that ended without being taken up."""

    reason: ReasonCode
    ended_at: datetime


@dataclass(frozen=True)
class Ranked:
    """A programme that may be asked; its score is the sum of points that say what they are for."""

    candidate: Candidate
    points: Mapping[Merit, int]
    score: int


@dataclass(frozen=True)
class Ranking:
    """The programmes that may be asked, best first, and how many were excluded by what."""

    ranked: tuple[Ranked, ...]
    excluded: Mapping[Exclusion, int]


def rank_programmes(
    candidates: Iterable[Candidate],
    need: Need,
    *,
    asked: Mapping[UUID, Asked],
    now: datetime,
) -> Ranking:
    """Rank for one need. Equal scores are ordered by programme id, so a repeat ranks the same.

    ``asked`` maps programmes to the last offer of this need they had.
    """
    ranked: list[Ranked] = []
    excluded: Counter[Exclusion] = Counter()
    for candidate in candidates:
        why = _exclusion(candidate, need, asked.get(candidate.programme_id), now)
        if why is None:
            points = _points(candidate, need)
            ranked.append(Ranked(candidate, points, sum(points.values())))
        else:
            excluded[why] += 1
    # The integer of an id compares much faster than the id, and just the same.
    ranked.sort(key=lambda each: (-each.score, each.candidate.programme_id.int))
    return Ranking(tuple(ranked), excluded)


def _exclusion(
    candidate: Candidate,
    need: Need,
    asked: Asked | None,
    now: datetime,
) -> Exclusion | None:
    """The first reason against a programme, the lasting ones before the passing ones."""
    oldest, youngest = AGES[need.age_band][1], AGES[need.age_band][0]
    against = (
        (Exclusion.OTHER_NEED, need.code not in candidate.codes),
        (Exclusion.INACTIVE, not candidate.is_active),
        (
            Exclusion.NOT_ASSURED,
            candidate.assured_until is not None and candidate.assured_until <= now,
        ),
        (Exclusion.NO_CONSENT, candidate.organisation_kind not in need.consented_kinds),
        (
            Exclusion.AGE_OUTSIDE,
            (candidate.minimum_age is not None and oldest < candidate.minimum_age)
            or (candidate.maximum_age is not None and youngest > candidate.maximum_age),
        ),
        (Exclusion.STAFF_SEX, need.staff_sex not in {None, candidate.staff_sex}),
        (Exclusion.ASKED_BEFORE, asked is not None and not _may_ask_again(candidate, asked)),
        (Exclusion.NO_FREE_PLACE, candidate.free == 0),
    )
    return next((why for why, holds in against if holds), None)


def _may_ask_again(candidate: Candidate, asked: Asked) -> bool:
    """Whether what was in the way may have gone since."""
    rule = ASK_AGAIN[asked.reason]
    if rule is AskAgain.WHEN_CHANGED:
        return candidate.changed_at > asked.ended_at
    return rule is AskAgain.AT_ONCE


def _points(candidate: Candidate, need: Need) -> Mapping[Merit, int]:
    points: dict[Merit, int] = {}
    if need.area_code in candidate.area_codes:
        points[Merit.SAME_AREA] = POINTS[Merit.SAME_AREA]
    elif _serves_province(candidate):
        points[Merit.WHOLE_PROVINCE] = POINTS[Merit.WHOLE_PROVINCE]
    if is_shared(need.languages, candidate.languages):
        points[Merit.SHARED_LANGUAGE] = POINTS[Merit.SHARED_LANGUAGE]
    points[Merit.FREE_PLACES] = _share(Merit.FREE_PLACES, candidate.free, candidate.capacity)
    taken_up = candidate.offers_made - candidate.offers_declined
    points[Merit.SELDOM_DECLINES] = _share(Merit.SELDOM_DECLINES, taken_up, candidate.offers_made)
    return points


def _serves_province(candidate: Candidate) -> bool:
    """A programme that names no area, or a province, serves all of it."""
    codes = candidate.area_codes
    return not codes or any(len(code) == PROVINCE_CODE_LENGTH for code in codes)


def _share(merit: Merit, part: int, whole: int) -> int:
    """Points in proportion; all of them while there is nothing to compare with."""
    return POINTS[merit] if whole == 0 else POINTS[merit] * part // whole
