"""What the tests of verification stand on: authorities and cases, told as facts.

Everything goes through the service's own use cases; only reading looks at the tables.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.models import Protection, Verification, VerificationMove
from services.verification.policy import (
    EvidenceSource,
    Move,
    MoveFacts,
    MoveReason,
    Paper,
    Protected,
    ProtectionMeasure,
)
from shared.clocks import Clock
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import (
    AgeBand,
    OrganisationKind,
    PaperType,
    Role,
    Route,
    VerificationOutcome,
)
from shared.duties import last_day_of
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from tests.subjects import somebody

ACTOR = "test"
LONG_AGO = date(2020, 2, 12)
WITNESS = EvidenceSource.OTHER_VICTIM_OR_WITNESS

START = MoveFacts(Move.START)
IDENTIFY = MoveFacts(Move.CONCLUDE, outcome=VerificationOutcome.IDENTIFIED, grounds=(WITNESS,))
NEGATIVE = MoveFacts(
    Move.CONCLUDE,
    outcome=VerificationOutcome.NOT_IDENTIFIED,
    grounds=(WITNESS, EvidenceSource.RESCUING_BODY),
    reason=MoveReason.EVIDENCE_INSUFFICIENT,
    evidence_ref="15/KL-CATP",
)
COMPLAIN = MoveFacts(
    Move.COMPLAIN, reason=MoveReason.COMPLAINED_IN_PERSON, received_on=date(2026, 3, 2)
)
KEEP = MoveFacts(Move.KEEP, reason=MoveReason.GROUNDS_HOLD, evidence_ref="90/CATP-PC02")
REOPEN = MoveFacts(Move.REOPEN, grounds=(WITNESS,), reason=MoveReason.NEW_EVIDENCE)


def verifier(
    area_code: str = "31",
    since: date = LONG_AGO,
    until: date | None = None,
) -> DatedRole:
    return DatedRole(role=Role.VERIFIER, area_code=area_code, valid_from=since, valid_to=until)


@dataclass(frozen=True)
class Bench:
    """A service in one session, at one instant."""

    session: Session
    now: datetime

    def at(self, now: datetime) -> "Bench":
        """The same session at another instant."""
        return replace(self, now=now)

    def organisation(
        self,
        *roles: DatedRole,
        organisation_id: UUID | None = None,
        kind: OrganisationKind = OrganisationKind.POLICE,
        code: str = "cong-an",
        is_active: bool = True,
    ) -> UUID:
        facts = domain.OrganisationFacts(
            id=organisation_id or new_id(), code=code, kind=kind, roles=roles, is_active=is_active
        )
        domain.note_organisations(self.session, organisations=[facts], now=self.now)
        return facts.id

    def police(self) -> UUID:
        """The police of the whole city."""
        return self.organisation(verifier())

    def case(
        self,
        *,
        route: Route = Route.SELF_REPORT,
        receiver_id: UUID | None = None,
        papers: Collection[PaperType] = (),
        issued_on: date | None = None,
        age_band: AgeBand = AgeBand.ADULT,
        was_minor_at_act: bool | None = False,
        received_at: datetime | None = None,
        shown_at: datetime | None = None,
        area_code: str = "11560",
        area_on: date | None = None,
    ) -> domain.CaseFacts:
        return domain.CaseFacts(
            case_id=new_id(),
            case_code="HP-7K3M-9Q2F",
            route=route,
            receiver_id=receiver_id or new_id(),
            area_code=area_code,
            area_on=area_on,
            age_band=age_band,
            was_minor_at_act=age_band is not AgeBand.ADULT or was_minor_at_act,
            papers=frozenset(Paper(each, issued_on or local_date(self.now)) for each in papers),
            received_at=received_at or self.now,
            shown_at=shown_at or received_at or self.now,
            has_immediate_needs=False,
        )

    def open(self, *cases: domain.CaseFacts) -> None:
        domain.open_verifications(self.session, cases=cases, now=self.now, actor=ACTOR)

    def opened(self, **facts: Any) -> Verification:
        """One verification of a case with these facts."""
        case = self.case(**facts)
        self.open(case)
        return self.of(case.case_id)

    def of(self, case_id: UUID) -> Verification:
        return self.session.scalars(
            select(Verification)
            .where(Verification.case_id == case_id)
            .execution_options(populate_existing=True),
        ).one()

    def clock(self, verification: Verification) -> Clock:
        """The clock of its decision; there is one once an authority was asked."""
        return domain.find_clocks(self.session, [verification])[verification.id]

    def asked_on(self, verification: Verification) -> date:
        return local_date(self.clock(verification).started_at)

    def due_on(self, verification: Verification) -> date | None:
        """The last day of the period, by what the clock has kept."""
        due_at = self.clock(verification).due_at
        return last_day_of(due_at) if due_at else None

    def last_day(self, verification: Verification) -> date:
        """The same, under the law that names a period."""
        due_on = self.due_on(verification)
        assert due_on is not None
        return due_on

    def is_extended(self, verification: Verification) -> bool:
        return domain.is_extended(self.clock(verification))

    def watch_clocks(self) -> int:
        """What the sweep does now; how many clocks it brings on."""
        self.session.flush()
        return domain.WATCHING.watch(self.session, self.now)

    def move(
        self,
        verification: Verification,
        *moves: MoveFacts,
        subject: Subject | None = None,
        version: int | None = None,
    ) -> VerificationMove:
        """Make moves one after the other, by the verifier unless said otherwise."""
        made = None
        for facts in moves:
            made = domain.move_verification(
                self.session,
                verification_id=verification.id,
                subject=subject or reader_of(verification.verifier_id),
                facts=facts,
                expected_version=verification.version if version is None else version,
                actor=ACTOR,
                now=self.now,
            )
        assert made is not None
        return made

    def ask_protection(self, verification: Verification, subject: Subject) -> Protection:
        """Somebody in the case asks for a refuge and a guard."""
        measures = (ProtectionMeasure.SAFE_REFUGE, ProtectionMeasure.GUARDING)
        return domain.request_protection(
            self.session,
            case_id=verification.case_id,
            subject=subject,
            request=domain.Request(Protected.PERSON, measures),
            actor=ACTOR,
            now=self.now,
        )

    def steps(self, verification: Verification) -> Sequence[VerificationMove]:
        return self.session.scalars(
            select(VerificationMove)
            .where(VerificationMove.verification_id == verification.id)
            .order_by(VerificationMove.version),
        ).all()


def reader_of(organisation_id: UUID | None, *roles: Role) -> Subject:
    return somebody(organisation_id or new_id(), *(roles or (Role.VERIFIER,)))


def case_owner() -> Subject:
    return reader_of(None, Role.CASE_OWNER)
