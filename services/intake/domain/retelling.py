"""What a service that joins is told of cases: each as its reception would be told today."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.telling import PASTS as OF_NOTICES
from services.intake.domain.facts import companion_of
from services.intake.models import Case, Consent, HandOver, Paper
from services.intake.policy import Alarm
from shared.contracts import (
    CaseHandedOver,
    CaseReceived,
    ConsentScope,
    DatedPaper,
    IntakeAlertRaised,
    Message,
)
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    HandOverReason,
    OrganisationKind,
    PaperType,
    Purpose,
    Role,
    Route,
    Sex,
)
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging import retelling
from shared.messaging.retelling import Past


def _cases(session: Session, ids: Sequence[UUID]) -> Sequence[Message]:
    """Age and consents are those of now; whoever changes one locks its case first."""
    cases = session.scalars(
        select(Case)
        .where(among(Case.id, ids))
        .order_by(Case.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    papers: defaultdict[UUID, list[DatedPaper]] = defaultdict(list)
    for paper in session.scalars(select(Paper).where(among(Paper.case_id, ids)).order_by(Paper.id)):
        told = DatedPaper(type=PaperType(paper.type), issued_on=paper.issued_on)
        papers[paper.case_id].append(told)
    consents: defaultdict[UUID, list[ConsentScope]] = defaultdict(list)
    live = select(Consent).where(among(Consent.case_id, ids), Consent.withdrawn_at.is_(None))
    for consent in session.scalars(live.order_by(Consent.id)):
        consents[consent.case_id].append(
            ConsentScope(
                organisation_kind=OrganisationKind(consent.organisation_kind),
                purpose=Purpose(consent.purpose),
            )
        )
    made = select(HandOver).where(among(HandOver.case_id, ids)).order_by(HandOver.version)
    handed = {each.case_id: each for each in session.scalars(made)}
    beside = _codes(session, [it.accompanies_id for it in cases if it.accompanies_id])
    return [
        it
        for case in cases
        for it in (
            *_told(case, papers[case.id], consents[case.id], beside),
            *_handed(case, handed.get(case.id)),
        )
    ]


def _codes(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The codes of cases; nothing is asked where there are none."""
    if not ids:
        return {}
    found = session.execute(select(Case.id, Case.code).where(among(Case.id, ids))).all()
    return {it.id: it.code for it in found}


def _handed(case: Case, last: HandOver | None) -> Iterator[Message]:
    """To whom it was handed last, while it is: what was given back is as if it never was."""
    if last is not None and case.responsible_id is not None:
        yield CaseHandedOver(
            occurred_at=last.at,
            case_id=case.id,
            handover_id=last.id,
            former_id=last.former_id,
            responsible_id=case.responsible_id,
            reason=HandOverReason(last.reason),
        )


def _told(
    case: Case,
    papers: Sequence[DatedPaper],
    consents: Sequence[ConsentScope],
    codes: Mapping[UUID, str],
) -> Iterator[Message]:
    is_urgent = case.urgent_since is not None and case.urgency_settled_at is None
    area_on = None if case.area_on == local_date(case.registered_at) else case.area_on
    yield CaseReceived(
        occurred_at=case.registered_at,
        case_id=case.id,
        case_code=case.code,
        route=Route(case.route),
        receiver_id=case.receiver_id,
        receiver_kind=OrganisationKind(case.receiver_kind),
        area_code=case.area_code,
        area_on=area_on,
        age_band=AgeBand(case.age_band),
        was_minor_at_act=case.was_minor_at_act,
        sex=Sex(case.sex),
        citizenship=Citizenship(case.citizenship),
        is_abroad=case.route == Route.MISSION_ABROAD,
        languages=tuple(case.languages),
        needs_interpreter=case.needs_interpreter,
        has_immediate_needs=is_urgent,
        asked_staff_sex=None if case.asked_staff_sex is None else Sex(case.asked_staff_sex),
        papers=tuple(paper.type for paper in papers),
        dated_papers=tuple(papers),
        requested_services=tuple(map(EntitlementCode, case.requested_services)),
        consents=tuple(consents),
        received_at=case.received_at if case.received_at < case.registered_at else None,
        accompanies=companion_of(case.accompanies_id, codes),
    )
    if is_urgent and case.urgent_since is not None:
        yield IntakeAlertRaised(
            occurred_at=case.registered_at,
            case_id=case.id,
            alert_id=case.id,
            kind=Alarm.IMMEDIATE_NEEDS,
            must_act=Role.CASE_OWNER,
            raised_at=case.urgent_since,
            area_code=case.area_code,
            area_on=area_on,
        )


_IS_URGENT = and_(Case.urgent_since.is_not(None), Case.urgency_settled_at.is_(None))

PASTS = (
    Past((CaseReceived, IntakeAlertRaised, CaseHandedOver), Case.id, _cases),
    Past(
        (IntakeAlertRaised, CaseHandedOver),
        Case.id,
        _cases,
        among=_IS_URGENT,
        unless=CaseReceived,
    ),
    Past(
        (CaseHandedOver,),
        Case.id,
        _cases,
        among=and_(Case.responsible_id.is_not(None), ~_IS_URGENT),
        unless=CaseReceived,
    ),
    *OF_NOTICES,
)
"""Every case, with what cannot wait in it and to whom it was handed; and these alone, for who is
not told of receptions. Notices come last: they name the cases that came of them."""


def tell_further(session: Session, message: Message) -> None:
    """Tell of a case that was received before; its row is locked, and what changed is in it."""
    retelling.tell_further(session, message, PASTS)
