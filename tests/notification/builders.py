"""What the tests of notification stand on: messages handed to the handlers the service registered.

Everything goes through the service's own handlers and use cases; only reading looks at the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.domain import Claimed, Pacing, Result
from services.notification.models import Attempt, Delivery, Endpoint
from services.notification.policy import (
    Answer,
    Trouble,
    outcome_of,
    outcome_of_mail,
    outcome_of_sms,
)
from services.notification.tasks.messages import consumer
from shared.contracts import (
    AlertRaised,
    CaseHandedOver,
    CaseReceived,
    ContactNumberChanged,
    ContactPointChanged,
    DatedRole,
    EndpointChanged,
    IntakeAlertRaised,
    Message,
    OrganisationChanged,
    PlanOpened,
    PlanRevised,
    PurgeRequested,
    Reception,
    ReferralMoved,
    ReferralRequested,
    VerificationAlertRaised,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import (
    AgeBand,
    ChannelKind,
    Citizenship,
    EndpointStatus,
    EntitlementCode,
    HandOverReason,
    OrganisationKind,
    ReferralStatus,
    Regime,
    Role,
    Route,
    Sex,
    VerificationOutcome,
)
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.places import WHOLE_CITY
from shared.places.holders import Place

_READ = {
    ChannelKind.WEBHOOK: outcome_of,
    ChannelKind.EMAIL: outcome_of_mail,
    ChannelKind.SMS: outcome_of_sms,
}
M = TypeVar("M", bound=Message)
MASTER = bytes(range(32))
LEASE = 60.0
MAILBOX = "van-phong@partner.example"
NUMBER = "+84900000001"
URL = "https://partner.example/hooks"
VOCATIONAL = EntitlementCode.VOCATIONAL
SCHOOL = OrganisationKind.VOCATIONAL_SCHOOL


@dataclass(frozen=True)
class Case:
    """A case, and the agency that submitted it."""

    case_id: UUID
    receiver_id: UUID


@dataclass(frozen=True)
class Told:
    """Messages as other services send them, with changes."""

    now: datetime

    def case(self, **changes: Any) -> CaseReceived:
        facts = {
            "case_id": new_id(),
            "case_code": "HP-2026-000001",
            "route": Route.RESCUED,
            "receiver_id": new_id(),
            "receiver_kind": OrganisationKind.COMMUNE_COMMITTEE,
            "area_code": "11359",
            "age_band": AgeBand.ADULT,
            "sex": Sex.FEMALE,
            "citizenship": Citizenship.VIETNAMESE,
        }
        return self._make(CaseReceived, facts, changes)

    def reception(self, **changes: Any) -> Reception:
        """What verification passes on of a case in its first message about it."""
        facts = {
            "case_code": "HP-2026-000001",
            "receiver_id": new_id(),
            "area_code": "11359",
            "told_at": self.now,
        }
        return Reception(**{**facts, **changes})

    def first(self, **reception: Any) -> VerificationOpened:
        """The first message about a case: a verification for which nobody was found yet."""
        told = self.reception(**reception)
        return self.opened(verifier_id=None, move_id=new_id(), reception=told)

    def handed_over(self, **changes: Any) -> CaseHandedOver:
        facts = {
            "case_id": new_id(),
            "handover_id": new_id(),
            "former_id": new_id(),
            "responsible_id": new_id(),
            "reason": HandOverReason.PERSON_MOVED,
        }
        return self._make(CaseHandedOver, facts, changes)

    def request(self, **changes: Any) -> ReferralRequested:
        facts = {
            "case_id": new_id(),
            "referral_id": new_id(),
            "offer_id": new_id(),
            "programme_id": new_id(),
            "organisation_id": new_id(),
            "organisation_kind": SCHOOL,
            "code": VOCATIONAL,
            "area_code": "11359",
            "age_band": AgeBand.ADULT,
            "sex": Sex.FEMALE,
        }
        return self._make(ReferralRequested, facts, changes)

    def move(self, **changes: Any) -> ReferralMoved:
        facts = {
            "case_id": new_id(),
            "referral_id": new_id(),
            "move_id": new_id(),
            "offer_id": new_id(),
            "organisation_id": new_id(),
            "organisation_kind": SCHOOL,
            "code": VOCATIONAL,
            "status": ReferralStatus.ACCEPTED,
            "version": 2,
        }
        return self._make(ReferralMoved, facts, changes)

    def purge(self, **changes: Any) -> PurgeRequested:
        facts = {
            "case_id": new_id(),
            "referral_id": new_id(),
            "offer_id": new_id(),
            "organisation_id": new_id(),
            "code": VOCATIONAL,
            "status": ReferralStatus.IN_PROGRESS,
            "version": 3,
        }
        return self._make(PurgeRequested, facts, changes)

    def opened(self, **changes: Any) -> VerificationOpened:
        facts = {
            "case_id": new_id(),
            "verification_id": new_id(),
            "verifier_id": new_id(),
            "regime": Regime.LAW_2024,
        }
        return self._make(VerificationOpened, facts, changes)

    def concluded(self, **changes: Any) -> VerificationConcluded:
        facts = {
            "case_id": new_id(),
            "verification_id": new_id(),
            "outcome": VerificationOutcome.IDENTIFIED,
            "regime": Regime.LAW_2024,
            "opened_at": self.now,
        }
        return self._make(VerificationConcluded, facts, changes)

    def endpoint(self, organisation_id: UUID, **changes: Any) -> EndpointChanged:
        facts = {
            "endpoint_id": new_id(),
            "organisation_id": organisation_id,
            "url": URL,
            "status": EndpointStatus.ACTIVE,
            "secret_version": 1,
        }
        return self._make(EndpointChanged, facts, changes)

    def contact_point(self, organisation_id: UUID, **changes: Any) -> ContactPointChanged:
        facts = {
            "contact_point_id": new_id(),
            "organisation_id": organisation_id,
            "channel": ChannelKind.EMAIL,
            "mailbox": MAILBOX,
            "valid_from": self.now,
        }
        return self._make(ContactPointChanged, facts, changes)

    def contact_number(self, organisation_id: UUID, **changes: Any) -> ContactNumberChanged:
        facts = {"organisation_id": organisation_id, "number": NUMBER, "valid_from": self.now}
        return self._make(ContactNumberChanged, {"contact_point_id": new_id(), **facts}, changes)

    def organisation(self, organisation_id: UUID, **changes: Any) -> OrganisationChanged:
        facts = {"organisation_id": organisation_id, "code": "school-1", "kind": SCHOOL}
        return self._make(OrganisationChanged, facts, changes)

    def plan(self, **changes: Any) -> PlanOpened:
        facts = {
            "case_id": new_id(),
            "plan_id": new_id(),
            "regime": Regime.LAW_2024,
            "entitled": (VOCATIONAL,),
            "referrals": 1,
        }
        return self._make(PlanOpened, facts, changes)

    def revised(self, **changes: Any) -> PlanRevised:
        facts = {
            "case_id": new_id(),
            "plan_id": new_id(),
            "revision_id": new_id(),
            "revision": 2,
            "entitled": (VOCATIONAL,),
            "changed": (VOCATIONAL,),
            "referrals": 1,
        }
        return self._make(PlanRevised, facts, changes)

    def alert(self, **changes: Any) -> AlertRaised:
        facts = {
            "case_id": new_id(),
            "alert_id": new_id(),
            "kind": "no_programme",
            "code": VOCATIONAL,
            "referral_id": new_id(),
            "must_act": Role.CASE_OWNER,
            "raised_at": self.now,
        }
        return self._make(AlertRaised, facts, changes)

    def urgent(self, **changes: Any) -> IntakeAlertRaised:
        return self._make(IntakeAlertRaised, self._waits("immediate_needs"), changes)

    def standstill(self, **changes: Any) -> VerificationAlertRaised:
        return self._make(VerificationAlertRaised, self._waits("no_authority"), changes)

    def _waits(self, kind: str) -> dict[str, Any]:
        return {
            "case_id": new_id(),
            "alert_id": new_id(),
            "kind": kind,
            "must_act": Role.CASE_OWNER,
            "raised_at": self.now,
        }

    def owner(self, organisation_id: UUID, **role: Any) -> OrganisationChanged:
        """An organisation that owns the cases of an area; of the whole city if no other is said."""
        held = {
            "role": Role.CASE_OWNER,
            "area_code": WHOLE_CITY,
            "valid_from": date(2020, 2, 12),
            **role,
        }
        return self.organisation(
            organisation_id,
            code=f"owner-{organisation_id}",
            kind=OrganisationKind.SOCIAL_AFFAIRS,
            roles=(DatedRole(**held),),
        )

    def _make(self, kind: type[M], facts: Mapping[str, Any], changes: Mapping[str, Any]) -> M:
        return kind(occurred_at=self.now, **{**facts, **changes})


@dataclass(frozen=True)
class Post:
    """The service in one session, at one instant."""

    session: Session
    now: datetime
    rng: Random = field(default_factory=lambda: Random(7))

    @property
    def told(self) -> Told:
        return Told(self.now)

    def later(self, seconds: float) -> "Post":
        """The same session at a later instant."""
        return replace(self, now=self.now + timedelta(seconds=seconds))

    def hand(self, *messages: Message) -> None:
        """Hand a frame of messages of one type to its handler."""
        consumer.handlers[type(messages[0])](self.session, messages, self.now)

    def case(self) -> Case:
        """A case that was told of before."""
        made = Case(new_id(), new_id())
        followed = domain.Followed(made.receiver_id, Place("11359", local_date(self.now)))
        domain.note_cases(self.session, cases={made.case_id: followed})
        return made

    def reachable(self, organisation_id: UUID | None = None, **changes: Any) -> UUID:
        """An organisation with an endpoint."""
        organisation_id = organisation_id or new_id()
        self.hand(self.told.endpoint(organisation_id, **changes))
        return organisation_id

    def written_to(self, organisation_id: UUID | None = None, **changes: Any) -> UUID:
        """An organisation whose office has a mailbox."""
        organisation_id = organisation_id or new_id()
        self.hand(self.told.contact_point(organisation_id, **changes))
        return organisation_id

    def texted(self, organisation_id: UUID | None = None, **changes: Any) -> UUID:
        """An organisation whose officer on duty carries a phone."""
        told = self.told.contact_number(organisation_id or new_id(), **changes)
        self.hand(told)
        return told.organisation_id

    def requested(self, organisation_id: UUID, count: int = 1) -> list[ReferralRequested]:
        """Referrals requested of an organisation, in one frame."""
        told = [self.told.request(organisation_id=organisation_id) for _ in range(count)]
        self.hand(*told)
        return told

    def claim(self, *, most: int = 64, per_endpoint: int = 16) -> list[Claimed]:
        """Take what is due."""
        return domain.claim_deliveries(
            self.session,
            most=most,
            per_endpoint=per_endpoint,
            lease_seconds=LEASE,
            channels=tuple(ChannelKind),
            recorded=tuple(ChannelKind),
            now=self.now,
        )

    def record(
        self,
        claimed: Sequence[Claimed],
        status: int | None = 204,
        *,
        trouble: Trouble | None = None,
        retry_after: str | None = None,
    ) -> None:
        """Write down that all these calls were answered so."""
        answer = Answer(None if trouble else status, retry_after, trouble)
        self.record_each([(each, answer) for each in claimed])

    def record_each(self, answers: Sequence[tuple[Claimed, Answer]]) -> None:
        """Write down how each call was answered."""
        domain.record_results(
            self.session,
            results=[
                Result(claimed, answer, _READ[claimed.channel](answer), self.now)
                for claimed, answer in answers
            ],
            pacing=Pacing(self.rng),
            now=self.now,
        )

    def deliveries(self, **having: Any) -> list[Delivery]:
        """The stored deliveries, in the order they were made; together, in none."""
        query = select(Delivery).filter_by(**having).order_by(Delivery.created_at)
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def delivery(self, **having: Any) -> Delivery:
        """The only one."""
        (found,) = self.deliveries(**having)
        return found

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        """The tries of a delivery."""
        query = select(Attempt).filter_by(delivery_id=delivery_id).order_by(Attempt.number)
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def endpoint(self, organisation_id: UUID) -> Endpoint:
        """The endpoint of an organisation."""
        query = select(Endpoint).filter_by(organisation_id=organisation_id)
        found: Endpoint = self.session.scalars(
            query.execution_options(populate_existing=True)
        ).one()
        return found
