"""Who may record what was given to a person, and what the person has had of each code so far."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import read_case
from services.livelihood_support.domain.owning import check_owner, owners_of
from services.livelihood_support.domain.reach import PLACE
from services.livelihood_support.domain.tracks import law_of
from services.livelihood_support.errors import CaseNotFound, NotResponsibleNow
from services.livelihood_support.models import CaseFile, Provision, Referral
from services.livelihood_support.policy import Given, ceiling_of, remaining
from shared.access import Permission, visible
from shared.contracts.vocabulary import (
    REACHING,
    EntitlementCode,
    ReferralStatus,
    Role,
)
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.law.entitlements import Amount, rulebook


@dataclass(frozen=True)
class Party:
    """What a subject has to do with a case: it answers for it, or received the person, or both."""

    case: CaseFile
    is_owner: bool
    is_receiver: bool
    sees_all: bool
    """Whether it reads what everybody gave; a receiver reads its own."""

    @property
    def may_record(self) -> bool:
        """Whether it records what was given."""
        return self.is_owner or self.is_receiver


def party_of(
    session: Session, case_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> Party:
    """What the subject has to do with a case; refused, as if it was not there, if nothing."""
    day = local_date(now)
    as_owner = visible(subject, permission, through=Role.CASE_OWNER)
    sees_all = session.scalar(
        select(CaseFile.case_id).where(
            CaseFile.case_id == case_id,
            as_owner.reaches(on=day, assigned=[CaseFile.responsible_id], place=PLACE),
        )
    )
    case = session.get(CaseFile, case_id, populate_existing=True)
    as_receiver = visible(subject, permission, through=Role.RECEIVER)
    is_receiver = case is not None and as_receiver.owns(case.receiver_id)
    if case is None or not (sees_all or is_receiver):
        raise CaseNotFound
    is_owner = bool(sees_all) and owners_of(session, now).own(case, subject.organisation_id)
    return Party(case, is_owner, is_receiver, bool(sees_all))


def check_party(session: Session, party: Party, subject: Subject, now: datetime) -> None:
    """Refuse whoever only reads the case: it is another's to answer for."""
    if not party.may_record:
        case = read_case(session, party.case.case_id)
        check_owner(session, case, subject.organisation_id, now)
        raise NotResponsibleNow


def given_of(session: Session, case_id: UUID) -> Mapping[EntitlementCode, Given]:
    """What the person has had of each code, by hand and by referrals; all codes have an entry."""
    counts = Provision.case_id == case_id, Provision.voided_at.is_(None)
    by_hand = session.execute(
        select(
            Provision.code,
            func.count().label("times"),
            func.coalesce(func.sum(Provision.vnd), 0).label("vnd"),
            func.coalesce(func.sum(Provision.days), 0).label("days"),
        )
        .where(*counts)
        .group_by(Provision.code)
    )
    is_stated = exists().where(Provision.referral_id == Referral.id, *counts[1:])
    by_referral = session.execute(
        select(
            Referral.code,
            func.count().label("referrals"),
            func.count().filter(~is_stated).label("unstated"),
        )
        .where(
            Referral.case_id == case_id,
            Referral.status == ReferralStatus.COMPLETED,
            Referral.outcome.in_(REACHING),
        )
        .group_by(Referral.code)
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in (*by_hand, *by_referral):
        code, *_ = row
        found[code] |= {name: int(row._mapping[name]) for name in row._fields[1:]}  # noqa: SLF001
    return {code: Given(**found[code]) for code in EntitlementCode}


@dataclass(frozen=True)
class Received:
    """What a person has had of one code, and what the law leaves to be given."""

    code: EntitlementCode
    times: int
    vnd: int
    days: int
    referrals: int
    ceiling: Amount | None
    remaining_vnd: int | None


def received_of(
    session: Session, *, case_id: UUID, subject: Subject, now: datetime
) -> list[Received]:
    """Of each code that was given, or that has a ceiling; empty for who reads only its own."""
    party = party_of(session, case_id, subject, Permission.PROVISION_READ, now)
    if not party.sees_all:
        return []
    amounts, regime = rulebook().amounts, law_of(party.case)
    found = []
    for code, given in given_of(session, case_id).items():
        ceiling = ceiling_of(amounts.get((regime, code), ()))
        if ceiling is not None or given != Given():
            left = remaining(ceiling, given)
            said = given.times, given.vnd, given.days, given.referrals
            found.append(Received(code, *said, ceiling, left))
    return found
