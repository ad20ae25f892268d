"""What each route needs, and what is looked at in every submission.

The law asks little at reception, because a first account may be partial: SELF_REPORT and
SELF_REPORT_BORDER begin with a declaration, which an official writes for whoever cannot (Law
66/2011 Arts 24, 26(3), Joint Circular 01/2014; Law 53/2024 Art. 27). RESCUED needs no paper: the
rescuing body may certify, and without a certificate a verifier decides (Law 66/2011 Art. 25; Law
53/2024 Art. 28). BILATERAL_HANDOVER is made by a signed handover record (Law 66/2011 Art. 26(2);
Law 53/2024 Art. 30(2)). MISSION_ABROAD speaks of a person in another country, which it names (Law
66/2011 Art. 26(1); Law 53/2024 Arts 29, 30(1)).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from services.intake.policy.acts import Act
from services.intake.policy.ages import ADULTHOOD, LONGEST_LIFE, Birth, age_band
from services.intake.policy.births import Born, find_birth_warnings
from services.intake.policy.countries import COUNTRIES, NATIONALITIES, STATELESS
from services.intake.policy.findings import Caution, Fault, Rule
from services.intake.policy.identity_numbers import IdentityDocumentType
from services.intake.policy.lateness import (
    LateReason,
    find_late_faults,
    received_at,
)
from services.intake.policy.phones import Phone
from services.intake.policy.units import StatedUnit, find_unit_faults
from shared import places
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    OrganisationKind,
    PaperType,
    Purpose,
    Route,
    Sex,
)
from shared.kit.clock import local_date
from shared.law import FIRST_LAW_FROM
from shared.law.documents import PaperNumber

HOME_COUNTRY = "VN"


@dataclass(frozen=True)
class Requirements:
    """What a route cannot do without."""

    paper: PaperType | None = None
    paper_rule: Rule | None = None
    is_country_needed: bool = False


_DECLARED = Requirements(PaperType.DECLARATION, Rule.DECLARATION_REQUIRED)

REQUIREMENTS: Mapping[Route, Requirements] = MappingProxyType(
    {
        Route.SELF_REPORT: _DECLARED,
        Route.SELF_REPORT_BORDER: _DECLARED,
        Route.RESCUED: Requirements(),
        Route.BILATERAL_HANDOVER: Requirements(
            PaperType.HANDOVER_RECORD, Rule.HANDOVER_RECORD_REQUIRED
        ),
        Route.MISSION_ABROAD: Requirements(is_country_needed=True),
    }
)


@dataclass(frozen=True, repr=False)
class StatedPaper:
    """A paper as submitted; the number is ``None`` when it could not be parsed."""

    type: PaperType
    number: PaperNumber | None
    issued_on: date


@dataclass(frozen=True, repr=False)
class Statement:
    """What the rules need to know of a submission."""

    route: Route
    sex: Sex
    birth: Birth
    papers: Sequence[StatedPaper]
    phones: Sequence[Phone]
    identity_numbers: Sequence[tuple[IdentityDocumentType, str]]
    minors_birth_years: Sequence[int]
    consent_scopes: Sequence[tuple[OrganisationKind, Purpose]]
    nationality: str
    origin: StatedUnit
    present: StatedUnit
    has_representative: bool
    is_representative_suspect: bool
    has_best_interest_note: bool
    has_exploitation: bool
    has_means: bool
    country: str | None
    received_at: datetime | None = None
    late_reason: LateReason | None = None
    act: Act = field(default_factory=Act)

    @property
    def units(self) -> tuple[StatedUnit, StatedUnit]:
        """Where the person comes from, and where they are."""
        return self.origin, self.present

    def born(self) -> Born:
        """What of it is looked at again when the birth is corrected."""
        return Born(
            sex=self.sex,
            birth=self.birth,
            identity_numbers=self.identity_numbers,
            has_representative=self.has_representative,
            has_exploitation=self.has_exploitation,
            has_means=self.has_means,
            act=self.act,
        )


def find_faults(said: Statement, now: datetime) -> list[Fault]:
    """Every rule a submission breaks, in the order of its fields."""
    today = local_date(now)
    return [
        *find_late_faults(said.received_at, said.late_reason, said.birth, now),
        *_dates(said, today),
        *_places(said, today),
        *_route(said),
        *_minor(said, today),
        *find_act_faults(said.act, said.birth, today, at="/exploitation"),
        *_unit(said),
        *_consents(said),
    ]


def _dates(said: Statement, today: date) -> Iterator[Fault]:
    """Days on which nothing of the kind can have happened."""
    yield from find_birth_faults(said.birth, today, at="/person")
    for place, year in enumerate(said.minors_birth_years):
        if rule := _broken_by_minor(Birth(year), today):
            yield Fault(f"/accompanying_minors/{place}/birth_year", rule)
    for place, paper in enumerate(said.papers):
        if rule := _broken_by_paper(paper, said.birth, today):
            yield Fault(f"/papers/{place}/issued_on", rule)


def find_birth_faults(
    birth: Birth, today: date, *, at: str, received_on: date | None = None
) -> Iterator[Fault]:
    """A birth to come, one longer ago than anybody lives, or of somebody who was received before.

    In a submission the last is a fault of the reception: ``find_late_faults`` names it.
    """
    if rule := _broken_by_birth(birth, today, received_on or today):
        name = "birth_date" if birth.day else "birth_year"
        yield Fault(f"{at}/{name}", rule)


def _broken_by_birth(birth: Birth, today: date, received_on: date) -> Rule | None:
    if not birth.is_before(today):
        return Rule.IN_FUTURE
    if not birth.is_before(received_on):
        return Rule.AFTER_RECEPTION
    return Rule.BEYOND_LIFESPAN if birth.age_on(today) > LONGEST_LIFE else None


def _broken_by_minor(birth: Birth, today: date) -> Rule | None:
    if not birth.is_before(today):
        return Rule.IN_FUTURE
    return Rule.NOT_A_MINOR if birth.age_on(today) >= ADULTHOOD else None


def _broken_by_paper(paper: StatedPaper, birth: Birth, today: date) -> Rule | None:
    if paper.issued_on > today:
        return Rule.IN_FUTURE
    return None if birth.is_before(paper.issued_on) else Rule.BEFORE_BIRTH


def find_act_faults(act: Act, birth: Birth, today: date, *, at: str) -> Iterator[Fault]:
    """A time at which nothing can have been done to this person, whatever the day."""
    for name, span in (("began", act.began), ("ended", act.ended)):
        if span is not None and span.first > today:
            yield Fault(f"{at}/{name}", Rule.IN_FUTURE)
        elif span is not None and not birth.is_before(span.last):
            yield Fault(f"{at}/{name}", Rule.BEFORE_BIRTH)
    if act.began is not None and act.ended is not None and act.ended.last < act.began.first:
        yield Fault(f"{at}/ended", Rule.ENDS_BEFORE_BEGIN)


def _places(said: Statement, today: date) -> Iterator[Fault]:
    """Codes no country and no unit can have."""
    if said.nationality not in NATIONALITIES:
        yield Fault("/person/nationality", Rule.COUNTRY_UNKNOWN)
    yield from find_unit_faults(said.units, today)
    if said.country is not None and said.country not in COUNTRIES:
        yield Fault("/exploitation/country", Rule.COUNTRY_UNKNOWN)


def _route(said: Statement) -> Iterator[Fault]:
    needs = REQUIREMENTS[said.route]
    if needs.paper_rule and needs.paper not in {paper.type for paper in said.papers}:
        yield Fault("/papers", needs.paper_rule)
    if needs.is_country_needed and said.country is None:
        yield Fault("/exploitation/country", Rule.REQUIRED_FOR_ROUTE)


def _minor(said: Statement, today: date) -> Iterator[Fault]:
    """Under 18, somebody represents the person, and what is best for them is written down."""
    if age_band(said.birth, today) is AgeBand.ADULT:
        return
    if not said.has_representative:
        yield Fault("/representative", Rule.REQUIRED_UNDER_18)
    if not said.has_best_interest_note:
        yield Fault("/best_interest_note", Rule.REQUIRED_UNDER_18)


def _unit(said: Statement) -> Iterator[Fault]:
    if not (said.present.code or said.origin.code):
        yield Fault(said.present.at, Rule.UNIT_REQUIRED)


def _consents(said: Statement) -> Iterator[Fault]:
    """One live consent per scope, so that one withdrawal ends it."""
    for place, scope in enumerate(said.consent_scopes):
        if scope in said.consent_scopes[:place]:
            yield Fault(f"/consents/{place}", Rule.REPEATED)


def find_warnings(said: Statement, now: datetime) -> list[Caution]:
    """What somebody should look at again, as sorted codes."""
    today = local_date(now)
    received_on = local_date(received_at(said.received_at, now))
    odd = {
        Caution.PHONE_MAYBE_FORMER_LANDLINE: any(it.is_maybe_landline for it in said.phones),
        Caution.PHONE_UNCONFIRMED: not all(it.is_confirmed for it in said.phones),
        Caution.PAPER_AFTER_RECEPTION: any(it.issued_on > received_on for it in said.papers),
        Caution.PAPER_BEFORE_LAW: any(it.issued_on < FIRST_LAW_FROM for it in said.papers),
        Caution.PAPER_NUMBER_UNUSUAL: any(paper.number is None for paper in said.papers),
        Caution.REPRESENTATIVE_IS_SUSPECT: said.is_representative_suspect,
    }
    found = {warning for warning, is_odd in odd.items() if is_odd} | _odd_units(said, today)
    return sorted(found | set(find_birth_warnings(said.born(), today)))


def _odd_units(said: Statement, today: date) -> set[Caution]:
    """Where the person is decides who verifies; where that is unknown, where the person is from."""
    codes = [it for it in (said.present.code, said.origin.code) if it is not None]
    here = [code for code in codes if places.is_numbered_here(code)]
    odd = {
        Caution.UNIT_ELSEWHERE: here[:1] != codes[:1],
        Caution.UNIT_UNKNOWN: not all(map(places.was_there, here)),
        Caution.UNIT_NOT_IN_FORCE: said.present.code is not None
        and places.is_known_to_be_none(said.present.code, today),
    }
    return {warning for warning, is_odd in odd.items() if is_odd}


def citizenship_of(nationality: str) -> Citizenship:
    """All that is told of a nationality."""
    if nationality == STATELESS:
        return Citizenship.STATELESS
    return Citizenship.VIETNAMESE if nationality == HOME_COUNTRY else Citizenship.FOREIGN
