"""What was given to a person directly is recorded, and what was recorded wrongly is said to be so.

Whoever owns the case records what anybody gave; whoever received the person what it gave itself. A
person need not be identified, nor have a plan: essentials are given at the door.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.giving import (
    Party,
    check_party,
    given_of,
    party_of,
)
from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.tracks import law_of
from services.livelihood_support.errors import (
    CeilingPassed,
    DayNotReached,
    GiverUnfit,
    ProvisionNotFound,
    ProvisionVoided,
    ReferralNotFound,
    SumMissing,
)
from services.livelihood_support.models import CaseFile, Organisation, Provision, Referral
from services.livelihood_support.policy import (
    ProvisionError,
    ProvisionPaper,
    ceiling_of,
    remaining,
)
from shared.access import Permission, visible
from shared.contracts import ProvisionCorrected, ProvisionRecorded
from shared.contracts.vocabulary import REACHING, EntitlementCode, Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version
from shared.law.entitlements import rulebook
from shared.messaging import outbox


@dataclass(frozen=True)
class Paper:
    """What says that it was given."""

    kind: ProvisionPaper
    number: str | None
    on: date


@dataclass(frozen=True)
class ProvisionFacts:
    """What was given, when, by whom, and by which paper."""

    code: EntitlementCode
    given_on: date
    paper: Paper
    vnd: int | None = None
    days: int | None = None
    organisation_id: UUID | None = None
    """Who gave it; unset for the organisation that records it."""
    referral_id: UUID | None = None


def record_provision(
    session: Session, *, case_id: UUID, facts: ProvisionFacts, subject: Subject, now: datetime
) -> Provision:
    """Record what was given; the case stays locked, so no two records pass a ceiling together.

    Refused: a case that is not there, or is none of the subject's; a day to come; another giver
    than may be named; a referral that has not brought this code to this person; no sum where there
    is a ceiling, and a sum that passes it.
    """
    party = _lock(session, case_id, subject, now)
    if max(facts.given_on, facts.paper.on) > local_date(now):
        raise DayNotReached
    giver = _giver(session, party, facts, subject)
    _check_referral(session, case_id, facts)
    _check_ceiling(session, party.case, facts)
    made = _row(case_id, facts, giver, subject, now)
    session.add(made)
    session.flush()
    _record(session, made, "provision.recorded", subject.actor, now)
    told = ProvisionRecorded(
        occurred_at=now,
        case_id=case_id,
        provision_id=made.id,
        code=facts.code,
        organisation_id=giver,
    )
    outbox.add(session, told)
    return made


def correct_provision(
    session: Session,
    *,
    case_id: UUID,
    provision_id: UUID,
    reason: ProvisionError,
    expected_version: Expected,
    subject: Subject,
    now: datetime,
) -> Provision:
    """Say that a record was wrong: it stays, and counts no longer.

    Refused: not there for the subject; another version than was read; said before.
    """
    party = _lock(session, case_id, subject, now)
    row = session.scalars(
        select(Provision).where(
            Provision.id == provision_id, *seen_by(party, subject.organisation_id)
        )
    ).one_or_none()
    if row is None:
        raise ProvisionNotFound
    check_version(row.version, expected_version)
    if row.voided_at is not None:
        raise ProvisionVoided(voided_at=row.voided_at.isoformat())
    row.voided_at, row.voided_by, row.reason = now, subject.actor, reason
    row.version += 1
    session.flush()
    _record(session, row, "provision.entered_in_error", subject.actor, now)
    code = EntitlementCode(row.code)
    told = ProvisionCorrected(occurred_at=now, case_id=case_id, provision_id=row.id, code=code)
    outbox.add(session, told)
    return row


def _lock(session: Session, case_id: UUID, subject: Subject, now: datetime) -> Party:
    """The case, locked until the transaction ends, and what the subject has to do with it."""
    may = Permission.PROVISION_RECORD
    check_party(session, party_of(session, case_id, subject, may, now), subject, now)
    lock_cases(session, [case_id])
    party = party_of(session, case_id, subject, may, now)
    check_party(session, party, subject, now)
    return party


def _giver(session: Session, party: Party, facts: ProvisionFacts, subject: Subject) -> UUID:
    """Whoever owns the case names who gave it; a receiver records what it gave itself."""
    named = facts.organisation_id
    if named is None:
        return subject.organisation_id
    is_own = visible(subject, Permission.PROVISION_RECORD, through=Role.RECEIVER).owns(named)
    is_known = party.is_owner and session.get(Organisation, named) is not None
    if not (is_own or is_known):
        raise GiverUnfit
    return named


def _check_referral(session: Session, case_id: UUID, facts: ProvisionFacts) -> None:
    if facts.referral_id is None:
        return
    found = session.scalar(
        select(Referral.id).where(
            Referral.id == facts.referral_id,
            Referral.case_id == case_id,
            Referral.code == facts.code,
            Referral.outcome.in_(REACHING),
        )
    )
    if found is None:
        raise ReferralNotFound


def _check_ceiling(session: Session, case: CaseFile, facts: ProvisionFacts) -> None:
    """Nothing passes a ceiling that is set; one that is unset is shown as such and refuses none."""
    ceiling = ceiling_of(rulebook().amounts.get((law_of(case), facts.code), ()))
    given = given_of(session, case.case_id)[facts.code]
    if facts.referral_id is not None:
        # What is recorded here is the sum that this referral has brought.
        given = replace(given, unstated=max(0, given.unstated - 1))
    left = remaining(ceiling, given)
    if left is None:
        return
    if facts.vnd is None:
        raise SumMissing(code=facts.code)
    if facts.vnd > left:
        raise CeilingPassed(code=facts.code, remaining_vnd=left)


def _row(
    case_id: UUID, facts: ProvisionFacts, giver: UUID, subject: Subject, now: datetime
) -> Provision:
    return Provision(
        id=new_id(),
        case_id=case_id,
        code=facts.code,
        vnd=facts.vnd,
        days=facts.days,
        given_on=facts.given_on,
        organisation_id=giver,
        referral_id=facts.referral_id,
        paper=facts.paper.kind,
        paper_number=facts.paper.number,
        paper_on=facts.paper.on,
        recorded_by=subject.actor,
        recorded_for=subject.organisation_id,
        recorded_at=now,
        version=1,
    )


def _record(session: Session, row: Provision, action: str, actor: str, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=row.id,
        now=now,
        case_id=str(row.case_id),
        code=row.code,
        **({"reason": row.reason} if row.reason else {}),
    )


def find_provisions(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> list[Provision]:
    """What was given, in the order in which it was recorded, with what was recorded wrongly."""
    party = party_of(session, case_id, subject, Permission.PROVISION_READ, now)
    query = select(Provision).where(*seen_by(party, subject.organisation_id))
    if after is not None:
        query = query.where(Provision.id > after)
    return list(session.scalars(query.order_by(Provision.id).limit(size)))


def read_provision(
    session: Session, *, case_id: UUID, provision_id: UUID, subject: Subject, now: datetime
) -> Provision:
    """One record that the subject reads; its version is what a correction is made from."""
    party = party_of(session, case_id, subject, Permission.PROVISION_READ, now)
    seen = seen_by(party, subject.organisation_id)
    row = session.scalars(select(Provision).where(Provision.id == provision_id, *seen))
    found = row.one_or_none()
    if found is None:
        raise ProvisionNotFound
    return found


def may_record(session: Session, case_id: UUID, subject: Subject, now: datetime) -> bool:
    """Whether the subject records what was given in this case."""
    return party_of(session, case_id, subject, Permission.PROVISION_READ, now).may_record


def seen_by(party: Party, organisation_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Which records of a case a party reads: all, or those that its organisation made."""
    of_case = Provision.case_id == party.case.case_id
    return (of_case,) if party.sees_all else (of_case, Provision.recorded_for == organisation_id)
