"""What is kept of a received case, and the lock that keeps its changes apart."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support.errors import CaseNotReceived
from services.livelihood_support.models import CaseFile, Consent
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    Purpose,
    Route,
    Sex,
)
from shared.kit import audit
from shared.kit.documents import insert_rows


@dataclass(frozen=True)
class CaseFacts:
    """A case as intake tells it: codes and ids, no identity."""

    case_id: UUID
    route: Route
    receiver_id: UUID
    receiver_kind: OrganisationKind
    area_code: str
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    languages: tuple[str, ...]
    requested_services: tuple[EntitlementCode, ...]
    consents: frozenset[tuple[OrganisationKind, Purpose]]
    received_at: datetime


@dataclass(frozen=True)
class LockedCase:
    """A case whose referrals only this transaction may change."""

    case_id: UUID
    area_code: str
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    languages: frozenset[str]
    requested_services: tuple[EntitlementCode, ...]


def store_cases(
    session: Session,
    *,
    cases: Sequence[CaseFacts],
    now: datetime,
    actor: str,
) -> None:
    """Keep the files of received cases and the consents they came with; two statements."""
    insert_rows(session, CaseFile, [_file(case) for case in cases])
    insert_rows(
        session,
        Consent,
        [
            {
                "case_id": case.case_id,
                "organisation_kind": kind,
                "purpose": purpose,
                "is_live": True,
                "changed_at": case.received_at,
            }
            for case in cases
            for kind, purpose in sorted(case.consents)
        ],
    )
    for case in cases:
        audit.record(
            session, actor=actor, action="case_file.stored", object_id=case.case_id, now=now
        )


def _file(case: CaseFacts) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "route": case.route,
        "receiver_id": case.receiver_id,
        "receiver_kind": case.receiver_kind,
        "area_code": case.area_code,
        "age_band": case.age_band,
        "sex": case.sex,
        "citizenship": case.citizenship,
        "languages": case.languages,
        "requested_services": tuple(dict.fromkeys(case.requested_services)),
        "received_at": case.received_at,
    }


def lock_cases(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, LockedCase]:
    """Lock all of these cases, in the order of ids; refused when one was not received yet."""
    found = _lock(session, case_ids, skip_locked=False)
    missing = [case_id for case_id in case_ids if case_id not in found]
    if missing:
        raise CaseNotReceived(case_ids=[str(case_id) for case_id in missing])
    return found


def lock_free_cases(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, LockedCase]:
    """Lock those of these cases that nobody else is changing; a sweep comes back for the rest."""
    return _lock(session, case_ids, skip_locked=True)


def _lock(
    session: Session,
    case_ids: Collection[UUID],
    *,
    skip_locked: bool,
) -> Mapping[UUID, LockedCase]:
    rows = session.execute(
        select(
            CaseFile.case_id,
            CaseFile.area_code,
            CaseFile.age_band,
            CaseFile.sex,
            CaseFile.citizenship,
            CaseFile.languages,
            CaseFile.requested_services,
        )
        .where(CaseFile.case_id.in_(case_ids))
        .order_by(CaseFile.case_id)
        .with_for_update(key_share=True, skip_locked=skip_locked),
    )
    return {
        row.case_id: LockedCase(
            case_id=row.case_id,
            area_code=row.area_code,
            age_band=AgeBand(row.age_band),
            sex=Sex(row.sex),
            citizenship=Citizenship(row.citizenship),
            languages=frozenset(row.languages),
            requested_services=tuple(map(EntitlementCode, row.requested_services)),
        )
        for row in rows
    }


def consented_kinds(
    session: Session,
    case_ids: Collection[UUID],
) -> Mapping[UUID, frozenset[OrganisationKind]]:
    """The kinds of organisation each case may be referred to now; every case has an entry."""
    kinds: defaultdict[UUID, set[OrganisationKind]] = defaultdict(set)
    rows = session.execute(
        select(Consent.case_id, Consent.organisation_kind).where(
            Consent.case_id.in_(case_ids),
            Consent.purpose == Purpose.SERVICE_REFERRAL,
            Consent.is_live,
        ),
    )
    for row in rows:
        kinds[row.case_id].add(OrganisationKind(row.organisation_kind))
    return {case_id: frozenset(kinds[case_id]) for case_id in case_ids}
