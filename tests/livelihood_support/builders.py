"""What the tests of livelihood support stand on: programmes, cases and conclusions, told as facts.

Everything goes through the service's own use cases; only reading looks at the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain.move_views import MoveView
from services.livelihood_support.domain.reading import offered_in_turn
from services.livelihood_support.models import (
    Alert,
    Offer,
    Organisation,
    Programme,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import NOTHING_ASKED, Inquiry, Move
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import (
    AgeBand,
    AssuredBy,
    Citizenship,
    DeliveryOutcome,
    EntitlementCode,
    OrganisationKind,
    Purpose,
    ReasonCode,
    Regime,
    Role,
    Route,
    ServiceOutcome,
    Sex,
    VerificationOutcome,
)
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from tests.subjects import somebody

ACTOR = "test"
CASE_CODE = "K7QF-3MTX-8"
SCHOOL = OrganisationKind.VOCATIONAL_SCHOOL
CENTRE = OrganisationKind.EMPLOYMENT_CENTRE
VOCATIONAL = EntitlementCode.VOCATIONAL
SECOND_CHOICE: Mapping[str, Any] = {"languages": ("en",), "has_interpreter": True}
"""What makes a programme be asked after one that speaks the person's language."""

OWNER = new_id()
"""The organisation that owns every case of these tests."""

HELD_IS_OPEN = text(
    """
    SELECT count(*) FROM programmes
      LEFT JOIN (SELECT programme_id, count(*) AS open FROM offers
                  WHERE status IN ('offered', 'accepted') GROUP BY programme_id) AS held_for
             ON held_for.programme_id = programmes.id
     WHERE held <> coalesce(open, 0) OR held > capacity
    """,
)


@dataclass(frozen=True)
class Field:
    """A service in one session, at one instant."""

    session: Session
    now: datetime

    def at(self, now: datetime) -> "Field":
        """The same session at another instant."""
        return replace(self, now=now)

    def programme(
        self,
        *,
        programme_id: UUID | None = None,
        organisation_id: UUID | None = None,
        kind: OrganisationKind = SCHOOL,
        codes: Sequence[EntitlementCode] = (VOCATIONAL,),
        areas: Sequence[str] = ("31",),
        capacity: int = 10,
        assured_at: datetime | None = None,
        assured_by: AssuredBy | None = AssuredBy.ORGANISATION,
        is_active: bool = True,
        **limits: Any,
    ) -> domain.ProgrammeFacts:
        facts = domain.ProgrammeFacts(
            id=programme_id or new_id(),
            organisation_id=organisation_id or new_id(),
            organisation_kind=kind,
            codes=tuple(codes),
            area_codes=tuple(areas),
            languages=("vi",),
            has_interpreter=False,
            client_sexes=tuple(Sex),
            minimum_age=None,
            maximum_age=None,
            serves_children=False,
            staff_sexes=(),
            capacity=capacity,
            assured_at=assured_at or self.now,
            assured_by=assured_by,
            is_active=is_active,
        )
        facts = replace(facts, **limits)
        domain.note_programmes(self.session, programmes=[facts], now=self.now)
        return facts

    def case(
        self,
        *,
        requested: Sequence[EntitlementCode] = (VOCATIONAL,),
        kinds: Sequence[OrganisationKind] = (SCHOOL,),
        area_code: str = "31",
        age_band: AgeBand = AgeBand.ADULT,
        citizenship: Citizenship = Citizenship.VIETNAMESE,
        sex: Sex = Sex.FEMALE,
        languages: tuple[str, ...] = ("vi",),
        needs_interpreter: bool = False,
        asked_staff_sex: Sex | None = None,
        route: Route = Route.SELF_REPORT,
        area_on: date | None = None,
        receiver_id: UUID | None = None,
    ) -> UUID:
        facts = domain.CaseFacts(
            case_id=new_id(),
            code=CASE_CODE,
            route=route,
            receiver_id=receiver_id or new_id(),
            receiver_kind=OrganisationKind.COMMUNE_COMMITTEE,
            area_code=area_code,
            area_on=area_on,
            age_band=age_band,
            sex=sex,
            citizenship=citizenship,
            languages=languages,
            needs_interpreter=needs_interpreter,
            asked_staff_sex=asked_staff_sex,
            requested_services=tuple(requested),
            consents=frozenset((kind, Purpose.SERVICE_REFERRAL) for kind in kinds),
            received_at=self.now,
            told_at=self.now,
        )
        domain.store_cases(self.session, [facts])
        if self.session.get(Organisation, OWNER) is None:
            self.owning(OWNER)
        return facts.case_id

    def owning(
        self,
        organisation_id: UUID,
        area_code: str = "31",
        *,
        since: date = date(2020, 1, 1),
        until: date | None = None,
        is_active: bool = True,
    ) -> None:
        """An organisation that owns the cases of an area, as the directory tells it."""
        role = DatedRole(
            role=Role.CASE_OWNER, area_code=area_code, valid_from=since, valid_to=until
        )
        facts = domain.OrganisationFacts(
            organisation_id,
            f"owner-{organisation_id}",
            OrganisationKind.HEALTH_AUTHORITY,
            is_active=is_active,
            roles=(role,),
        )
        domain.note_organisations(self.session, organisations=[facts], now=self.now)

    def as_owner(self) -> dict[str, Any]:
        """Who owns every case of these tests, reading now."""
        return {"subject": case_owner(), "now": self.now}

    def by_owner(self) -> dict[str, Any]:
        """Who owns every case of these tests, acting now."""
        return {"subject": case_owner(), "actor": ACTOR, "now": self.now}

    def conclude(
        self,
        *case_ids: UUID,
        outcome: VerificationOutcome = VerificationOutcome.IDENTIFIED,
        regime: Regime = Regime.LAW_2024,
        identified_on: date | None = None,
        is_day_told: bool = True,
    ) -> None:
        """``is_day_told`` is unset for what a former release told of a paper."""
        if outcome is VerificationOutcome.IDENTIFIED and is_day_told:
            identified_on = identified_on or local_date(self.now)
        conclusions = [
            domain.Conclusion(each, outcome, regime, self.now, identified_on) for each in case_ids
        ]
        domain.open_plans(self.session, conclusions=conclusions, now=self.now, actor=ACTOR)

    def referred(self, **facts: Sequence[OrganisationKind]) -> Referral:
        """A case that was received and identified, and its one referral."""
        case_id = self.case(**facts)  # type: ignore[arg-type]
        self.conclude(case_id)
        return self.referral(case_id)

    def referral(self, case_id: UUID) -> Referral:
        return self.session.scalars(
            select(Referral)
            .where(Referral.case_id == case_id)
            .execution_options(populate_existing=True),
        ).one()

    def offers(self, referral_id: UUID) -> Sequence[Offer]:
        return self.session.scalars(
            select(Offer)
            .where(Offer.referral_id == referral_id)
            .order_by(offered_in_turn())
            .execution_options(populate_existing=True),
        ).all()

    def offer(self, referral_id: UUID) -> Offer:
        """The current one."""
        return next(offer for offer in self.offers(referral_id) if offer.is_current)

    def moves(self, referral_id: UUID) -> list[tuple[str | None, str, str | None, int]]:
        rows = self.session.scalars(
            select(ReferralMove)
            .where(ReferralMove.referral_id == referral_id)
            .order_by(ReferralMove.version, ReferralMove.at),
        )
        return [(row.from_status, row.to_status, row.reason, row.version) for row in rows]

    def purges(self, referral_id: UUID) -> list[tuple[datetime | None, datetime | None]]:
        """When each offer's organisation was told to purge, and when it confirmed it."""
        return [
            (offer.purge_asked_at, offer.purge_confirmed_at) for offer in self.offers(referral_id)
        ]

    def alerts(self, case_id: UUID) -> list[str]:
        """The kinds of the open alerts of a case."""
        return list(
            self.session.scalars(
                select(Alert.kind)
                .where(Alert.case_id == case_id, Alert.settled_at.is_(None))
                .order_by(Alert.kind),
            ),
        )

    def places(self, programme_id: UUID) -> Programme:
        return self.session.scalars(
            select(Programme)
            .where(Programme.id == programme_id)
            .execution_options(populate_existing=True),
        ).one()

    def deliver(
        self, referral_id: UUID, outcome: DeliveryOutcome = DeliveryOutcome.DELIVERED
    ) -> None:
        """How the notification of the current offer ended."""
        self.deliver_offer(self.offer(referral_id), outcome)

    def deliver_offer(
        self, offer: Offer, outcome: DeliveryOutcome = DeliveryOutcome.DELIVERED
    ) -> None:
        """How the notification of an offer ended, whatever became of the offer."""
        case_id = self.session.get_one(Referral, offer.referral_id).case_id
        facts = domain.DeliveryFacts(case_id, offer.id, offer.organisation_id, outcome, self.now)
        domain.note_deliveries(self.session, deliveries=[facts], now=self.now)

    def withdraw(self, case_id: UUID, kind: OrganisationKind = SCHOOL) -> None:
        """The person takes back that organisations of a kind may be asked."""
        domain.withdraw_consent(
            self.session,
            case_id=case_id,
            kind=kind,
            purpose=Purpose.SERVICE_REFERRAL,
            now=self.now,
            actor=ACTOR,
        )

    def agree(self, case_id: UUID, kind: OrganisationKind = SCHOOL) -> None:
        """The person lets organisations of a kind be asked."""
        domain.give_consent(
            self.session,
            case_id=case_id,
            kind=kind,
            purpose=Purpose.SERVICE_REFERRAL,
            now=self.now,
            actor=ACTOR,
        )

    def miscounted(self) -> int:
        """Programmes whose held places are not their open offers, or more than they have."""
        self.session.flush()
        return self.session.scalar(HELD_IS_OPEN) or 0

    def move(
        self,
        referral: Referral,
        move: Move,
        *,
        reason: ReasonCode | None = None,
        outcome: ServiceOutcome | None = None,
        inquiry: Inquiry = NOTHING_ASKED,
        subject: Subject | None = None,
        version: int | None = None,
    ) -> MoveView:
        """A move by the organisation asked, unless another subject is given."""
        return domain.move_referral(
            self.session,
            referral_id=referral.id,
            subject=subject or asked(self.offer(referral.id)),
            move=move,
            reason=reason,
            outcome=outcome,
            inquiry=inquiry,
            expected_version=referral.version if version is None else version,
            actor=ACTOR,
            now=self.now,
        )


def asked(offer: Offer) -> Subject:
    """The organisation of an offer, as a subject."""
    return somebody(offer.organisation_id, Role.PROVIDER)


def case_owner() -> Subject:
    """Whoever owns every case of these tests."""
    return somebody(OWNER, Role.CASE_OWNER)
