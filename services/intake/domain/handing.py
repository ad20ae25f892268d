"""A case is handed over: another organisation answers for it, and perhaps an officer of it.

Nobody needs to be named: then whoever holds the area owns the case. Whoever owns it today names
another, or gives it back. Who is named and may own no cases any more owns none: the area's rule
holds again, and whoever reads who answers for the case sees both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.officers import check_officer, officer_gone_at
from services.intake.domain.organisations import tenures
from services.intake.domain.parts import check_owner, owner_among
from services.intake.domain.reading import visible_cases
from services.intake.domain.retelling import tell_further
from services.intake.domain.since import responsible_since
from services.intake.errors import (
    AlreadyResponsible,
    CaseNotFound,
    CaseOwnerUnfit,
    NothingToRelease,
)
from services.intake.models import Case, HandOver
from services.intake.policy import OwnedBy, kind_of, owned_by
from shared.access import Permission
from shared.contracts import CaseHandedOver
from shared.contracts.vocabulary import HandOverReason, Role
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_reference
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version
from shared.places.holders import Tenure, may_own


@dataclass(frozen=True)
class HandOverFacts:
    """Who is to answer from now on, and why; nobody named is whoever holds the area."""

    responsible_id: UUID | None
    officer_id: UUID | None
    reason: HandOverReason


@dataclass(frozen=True)
class Handed:
    """What became of one case of many."""

    case_id: UUID
    made: HandOver | None
    refusal: DomainError | None


@dataclass(frozen=True)
class Responsibility:
    """Who answers for a case today, by what, and to whom it was handed so far."""

    case_id: UUID
    version: int
    owner_id: UUID | None
    owned_by: OwnedBy
    responsible_id: UUID | None
    officer_id: UUID | None
    officer_gone_at: datetime | None
    """Since when that officer acts in no case any more; unset while they do."""
    hand_overs: Sequence[HandOver]


def hand_over(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    facts: HandOverFacts,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> HandOver:
    """Hand one case over, or give it back; only whoever owns it today does.

    Refused: a version that was read before somebody handed it over last; an organisation that may
    own no cases today, and an officer who acts in none of its cases; what is so already.
    """
    handing = _Handing(session, subject, facts, actor, now)
    return handing.hand(handing.lock([case_id]).get(case_id), expected_version)


def hand_over_many(
    session: Session,
    *,
    versions: Mapping[UUID, Expected],
    subject: Subject,
    facts: HandOverFacts,
    actor: str,
    now: datetime,
) -> list[Handed]:
    """The same for many cases, each by itself: one that is refused leaves the others alone."""
    handing = _Handing(session, subject, facts, actor, now)
    cases = handing.lock(versions)
    return [handing.try_hand(each, cases.get(each), read) for each, read in versions.items()]


def find_responsibility(
    session: Session, *, case_id: UUID, subject: Subject, now: datetime
) -> Responsibility:
    """Read who answers for a case; raises ``CaseNotFound``."""
    today = local_date(now)
    asked = visible_cases(subject, Permission.RESPONSIBILITY_READ, today)
    case = session.scalar(asked.where(Case.id == case_id))
    if case is None:
        raise CaseNotFound
    made = select(HandOver).where(HandOver.case_id == case_id).order_by(HandOver.version)
    owner_id = owner_among(tenures(session, Role.CASE_OWNER), case, on=today)
    return Responsibility(
        case_id=case.id,
        version=case.version,
        owner_id=owner_id,
        owned_by=owned_by(owner_id, case.responsible_id),
        responsible_id=case.responsible_id,
        officer_id=case.officer_id,
        officer_gone_at=officer_gone_at(session, case.officer_id, now=now),
        hand_overs=session.scalars(made).all(),
    )


@dataclass(frozen=True)
class _Handing:
    """One request: everything is checked of a case before anything of it is written."""

    session: Session
    subject: Subject
    facts: HandOverFacts
    actor: str
    now: datetime

    def lock(self, case_ids: Collection[UUID]) -> dict[UUID, Case]:
        """Those of these cases that are reached, locked in the order of ids."""
        today = local_date(self.now)
        asked = visible_cases(self.subject, Permission.CASE_HAND_OVER, today)
        asked = asked.where(among(Case.id, case_ids)).order_by(Case.id)
        found = self.session.scalars(asked.with_for_update(key_share=True))
        return {case.id: case for case in found}

    def try_hand(self, case_id: UUID, case: Case | None, read: Expected) -> Handed:
        """What becomes of it, refused or not."""
        try:
            return Handed(case_id, self.hand(case, read), None)
        except DomainError as refusal:
            return Handed(case_id, None, refusal)

    def hand(self, case: Case | None, read: Expected) -> HandOver:
        """Hand over a locked case that nobody has handed over since it was read."""
        if case is None:
            raise CaseNotFound
        check_version(case.version, read, since=responsible_since(self.session, case))
        self._check(case)
        made = self._made(case)
        self.session.add(made)
        is_another = case.responsible_id != made.responsible_id
        case.responsible_id, case.officer_id = made.responsible_id, made.officer_id
        case.version = made.version
        self._note(made)
        if is_another:
            self._tell(made)
        return made

    @cached_property
    def _owning(self) -> Collection[Tenure]:
        """Asked once the cases are locked, and once for all of them."""
        return tenures(self.session, Role.CASE_OWNER)

    def _check(self, case: Case) -> None:
        today, facts = local_date(self.now), self.facts
        check_owner(self._owning, case, subject=self.subject, on=today)
        if facts.responsible_id is None:
            if case.responsible_id is None:
                raise NothingToRelease
            return
        if not may_own(self._owning, facts.responsible_id, on=today):
            raise CaseOwnerUnfit
        check_officer(
            self.session,
            facts.officer_id,
            organisation_id=facts.responsible_id,
            subject=self.subject,
            on=today,
        )
        if (case.responsible_id, case.officer_id) == (facts.responsible_id, facts.officer_id):
            raise AlreadyResponsible

    def _made(self, case: Case) -> HandOver:
        return HandOver(
            id=new_reference(),
            case_id=case.id,
            kind=kind_of(case.responsible_id, self.facts.responsible_id),
            former_id=self.subject.organisation_id,
            at=self.now,
            version=case.version + 1,
            **vars(self.facts),
        )

    def _note(self, made: HandOver) -> None:
        named = {"responsible_id": made.responsible_id, "officer_id": made.officer_id}
        audit.record(
            self.session,
            actor=self.actor,
            action="case.hand_over",
            object_id=made.case_id,
            now=self.now,
            handover_id=str(made.id),
            kind=made.kind,
            reason=made.reason,
            former_id=str(made.former_id),
            **{name: str(value) for name, value in named.items() if value is not None},
        )

    def _tell(self, made: HandOver) -> None:
        tell_further(
            self.session,
            CaseHandedOver(
                occurred_at=self.now,
                case_id=made.case_id,
                handover_id=made.id,
                responsible_id=made.responsible_id,
                former_id=made.former_id,
                reason=self.facts.reason,
            ),
        )
