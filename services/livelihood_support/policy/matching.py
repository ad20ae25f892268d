"""Which programme is asked next: exclusions first, then a score that can be explained."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
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
from shared.kit.clock import local_date
from shared.kit.languages import is_shared
from shared.places.pieces import is_covered

AGES: Mapping[AgeBand, tuple[int, int]] = {
    AgeBand.UNDER_16: (0, 15),
    AgeBand.UNDER_18: (16, 17),
    AgeBand.ADULT: (18, 200),
}
"""The youngest and oldest a person of a band can be, in years."""

CHILDREN = frozenset({AgeBand.UNDER_16, AgeBand.UNDER_18})
"""Who is served by services for children before others."""
SPOKEN_HERE = frozenset({"vi"})
"""Whoever needs an interpreter needs one from this language, whatever the file lists besides."""


class Exclusion(StrEnum):
    """Why a programme cannot be asked at all; no merit makes up for any."""

    OTHER_NEED = "other_need"
    INACTIVE = "inactive"
    NOT_ASSURED = "not_assured"
    """Nobody answers for it now: neither its organisation nor whoever the administrator named."""
    NO_CONSENT = "no_consent"
    AREA_NOT_SERVED = "area_not_served"
    SEX_NOT_SERVED = "sex_not_served"
    AGE_OUTSIDE = "age_outside"
    """Somebody of the person's age band would be too young or too old."""
    STAFF_SEX = "staff_sex"
    NO_COMMON_LANGUAGE = "no_common_language"
    ASKED_BEFORE = "asked_before"
    NO_FREE_PLACE = "no_free_place"


class Merit(StrEnum):
    """What a programme earns points for."""

    FOR_CHILDREN = "for_children"
    SHARED_LANGUAGE = "shared_language"
    FREE_PLACES = "free_places"
    SELDOM_DECLINES = "seldom_declines"


POINTS: Mapping[Merit, int] = {
    # More than all the others together: a child goes to a service for children if there is one.
    Merit.FOR_CHILDREN: 100,
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
    has_interpreter: bool
    client_sexes: frozenset[Sex]
    minimum_age: int | None
    maximum_age: int | None
    serves_children: bool
    staff_sexes: frozenset[Sex]
    """Of which sex staff can be asked for."""
    capacity: int
    held: int
    offers_made: int
    offers_declined: int
    is_assured: bool
    """Whether anybody answers for it."""
    assured_until: datetime | None
    """When that ends; unset while no period is set."""
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
    area_on: date
    """The day on which the code of the area was told: codes were given to other units later."""
    age_band: AgeBand
    sex: Sex
    languages: frozenset[str]
    needs_interpreter: bool
    consented_kinds: frozenset[OrganisationKind]
    staff_sex: Sex | None = None
    """The sex the person asks the staff to have; unset if any will do."""

    @property
    def understood(self) -> frozenset[str]:
        """The languages in which the person can be served without an interpreter."""
        return self.languages - SPOKEN_HERE if self.needs_interpreter else self.languages


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
class Excluded:
    """A programme that cannot be asked, and the first reason against it."""

    candidate: Candidate
    why: Exclusion


@dataclass(frozen=True)
class Ranking:
    """The programmes that may be asked, best first, and those that may not, each with its why."""

    ranked: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]

    @property
    def counted(self) -> Mapping[Exclusion, int]:
        """How many were excluded by what."""
        return Counter(each.why for each in self.excluded)


@dataclass(frozen=True)
class Comparison:
    """One programme held against one need."""

    candidate: Candidate
    need: Need
    asked: Asked | None
    now: datetime


def _is_inactive(candidate: Candidate, _now: datetime) -> bool:
    return not candidate.is_active


def _is_not_assured(candidate: Candidate, now: datetime) -> bool:
    ends = candidate.assured_until
    return not candidate.is_assured or (ends is not None and ends <= now)


def _is_full(candidate: Candidate, _now: datetime) -> bool:
    return candidate.free == 0


CLOSED: Mapping[Exclusion, Callable[[Candidate, datetime], bool]] = {
    Exclusion.INACTIVE: _is_inactive,
    Exclusion.NOT_ASSURED: _is_not_assured,
    Exclusion.NO_FREE_PLACE: _is_full,
}
"""What closes a programme to everybody, whoever needs a place."""


def closed_by(candidate: Candidate, now: datetime) -> Exclusion | None:
    """Why nobody at all can be referred to a programme now; unset while somebody can."""
    return next((why for why, holds in CLOSED.items() if holds(candidate, now)), None)


def _is_area_not_served(it: Comparison) -> bool:
    return not is_covered(
        it.need.area_code,
        it.need.area_on,
        it.candidate.area_codes,
        local_date(it.now),
    )


def _is_language_missing(it: Comparison) -> bool:
    return not (
        it.candidate.has_interpreter or is_shared(it.need.understood, it.candidate.languages)
    )


def _is_asked_before(it: Comparison) -> bool:
    return it.asked is not None and not _may_ask_again(it.candidate, it.asked)


AGAINST: Mapping[Exclusion, Callable[[Comparison], bool]] = {
    Exclusion.OTHER_NEED: lambda it: it.need.code not in it.candidate.codes,
    Exclusion.INACTIVE: lambda it: _is_inactive(it.candidate, it.now),
    Exclusion.NOT_ASSURED: lambda it: _is_not_assured(it.candidate, it.now),
    Exclusion.NO_CONSENT: lambda it: it.candidate.organisation_kind not in it.need.consented_kinds,
    Exclusion.AREA_NOT_SERVED: _is_area_not_served,
    Exclusion.SEX_NOT_SERVED: lambda it: it.need.sex not in it.candidate.client_sexes,
    Exclusion.AGE_OUTSIDE: lambda it: is_age_outside(
        it.need.age_band,
        minimum=it.candidate.minimum_age,
        maximum=it.candidate.maximum_age,
    ),
    Exclusion.STAFF_SEX: lambda it: (
        it.need.staff_sex is not None and it.need.staff_sex not in it.candidate.staff_sexes
    ),
    Exclusion.NO_COMMON_LANGUAGE: _is_language_missing,
    Exclusion.ASKED_BEFORE: _is_asked_before,
    Exclusion.NO_FREE_PLACE: lambda it: _is_full(it.candidate, it.now),
}
"""What speaks against a programme: the lasting reasons before the passing ones."""


def rank_programmes(
    candidates: Iterable[Candidate],
    need: Need,
    *,
    asked: Mapping[UUID, Asked],
    now: datetime,
    worth: Mapping[Merit, int] = POINTS,
) -> Ranking:
    """Rank for one need. Equal scores are ordered by programme id, so a repeat ranks the same.

    ``asked`` maps programmes to the last offer of this need they had. What a merit is ``worth``
    orders those that may be asked; it brings nobody among them.
    """
    ranked: list[Ranked] = []
    excluded: list[Excluded] = []
    for candidate in candidates:
        it = Comparison(candidate, need, asked.get(candidate.programme_id), now)
        why = next((why for why, holds in AGAINST.items() if holds(it)), None)
        if why is None:
            points = _points(candidate, need, worth)
            ranked.append(Ranked(candidate, points, sum(points.values())))
        else:
            excluded.append(Excluded(candidate, why))
    # The integer of an id compares much faster than the id, and just the same.
    ranked.sort(key=lambda each: (-each.score, each.candidate.programme_id.int))
    return Ranking(tuple(ranked), tuple(excluded))


def _may_ask_again(candidate: Candidate, asked: Asked) -> bool:
    """Whether what was in the way may have gone since."""
    rule = ASK_AGAIN[asked.reason]
    if rule is AskAgain.WHEN_CHANGED:
        return candidate.changed_at > asked.ended_at
    return rule is AskAgain.AT_ONCE


def _points(candidate: Candidate, need: Need, worth: Mapping[Merit, int]) -> Mapping[Merit, int]:
    points: dict[Merit, int] = {}
    if candidate.serves_children and need.age_band in CHILDREN:
        points[Merit.FOR_CHILDREN] = worth[Merit.FOR_CHILDREN]
    if is_shared(need.understood, candidate.languages):
        points[Merit.SHARED_LANGUAGE] = worth[Merit.SHARED_LANGUAGE]
    free, willing = Merit.FREE_PLACES, Merit.SELDOM_DECLINES
    points[free] = _share(worth[free], candidate.free, candidate.capacity)
    taken_up = candidate.offers_made - candidate.offers_declined
    points[willing] = _share(worth[willing], taken_up, candidate.offers_made)
    return points


def _share(most: int, part: int, whole: int) -> int:
    """Points in proportion; all of them while there is nothing to compare with."""
    return most if whole == 0 else most * part // whole
