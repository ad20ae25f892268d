"""What is kept of a received case, and which organisations it may be referred to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import LockedCase, keep_cases
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
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows


@dataclass(frozen=True)
class CaseFacts:
    """A case as intake tells it: codes and ids, no identity."""

    case_id: UUID
    code: str
    route: Route
    receiver_id: UUID
    receiver_kind: OrganisationKind
    area_code: str
    area_on: date | None
    """The day by which that code is read; unset where it is the day it was told."""
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    languages: tuple[str, ...]
    needs_interpreter: bool
    asked_staff_sex: Sex | None
    requested_services: tuple[EntitlementCode, ...]
    consents: frozenset[tuple[OrganisationKind, Purpose]]
    received_at: datetime
    """When the person was received."""
    told_at: datetime
    """When the case came to the exchange: its consents count from then, and its area is a unit of
    that day.
    """


def store_cases(session: Session, cases: Sequence[CaseFacts]) -> None:
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
                "changed_at": case.told_at,
            }
            for case in cases
            for kind, purpose in sorted(case.consents)
        ],
    )
    keep_cases(session, map(_locked, cases))


def _file(case: CaseFacts) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "code": case.code,
        "route": case.route,
        "receiver_id": case.receiver_id,
        "receiver_kind": case.receiver_kind,
        "area_code": case.area_code,
        "age_band": case.age_band,
        "sex": case.sex,
        "citizenship": case.citizenship,
        "languages": case.languages,
        "needs_interpreter": case.needs_interpreter,
        "asked_staff_sex": case.asked_staff_sex,
        "requested_services": tuple(dict.fromkeys(case.requested_services)),
        "received_at": case.received_at,
        "area_told_on": case.area_on or local_date(case.told_at),
    }


def _locked(case: CaseFacts) -> LockedCase:
    return LockedCase(
        case_id=case.case_id,
        area_code=case.area_code,
        age_band=case.age_band,
        route=case.route,
        sex=case.sex,
        citizenship=case.citizenship,
        languages=frozenset(case.languages),
        needs_interpreter=case.needs_interpreter,
        asked_staff_sex=case.asked_staff_sex,
        received_at=case.received_at,
        area_told_on=case.area_on or local_date(case.told_at),
        requested_services=tuple(dict.fromkeys(case.requested_services)),
    )


_CONSENTED = select(Consent.case_id, Consent.organisation_kind).where(
    among(Consent.case_id, bindparam("case_ids")),
    Consent.purpose == Purpose.SERVICE_REFERRAL,
    Consent.is_live,
)


def consented_kinds(
    session: Session,
    case_ids: Collection[UUID],
) -> Mapping[UUID, frozenset[OrganisationKind]]:
    """The kinds of organisation each case may be referred to now; every case has an entry."""
    kinds: defaultdict[UUID, set[OrganisationKind]] = defaultdict(set)
    for row in session.execute(_CONSENTED, {"case_ids": list(case_ids)}):
        kinds[row.case_id].add(OrganisationKind(row.organisation_kind))
    return {case_id: frozenset(kinds[case_id]) for case_id in case_ids}
