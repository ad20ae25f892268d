"""What an organisation has to do with a case by law: it verifies, owns, shelters or protects."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.reach import reached_as_owner
from services.intake.domain.reading import lock_case
from services.intake.errors import NotResponsibleNow
from services.intake.models import Assignment, Case, JourneyStep
from services.intake.policy import ROLES, LegalPurpose, Part, StepKind
from shared.access import Permission, Sight, visible
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.places import holders
from shared.places.holders import Tenure


def owner_of(session: Session, case: Case, *, on: date) -> UUID | None:
    """The organisation that owns a case on a day; ``None`` when nobody does."""
    return owner_among(tenures(session, Role.CASE_OWNER), case, on=on)


def owner_among(owning: Collection[Tenure], case: Case, *, on: date) -> UUID | None:
    """The same, of those who hold the role of case owner at some time."""
    return holders.owner_of(owning, case.place, handed_to=case.responsible_id, on=on)


def is_owner(session: Session, case: Case, *, subject: Subject, on: date) -> bool:
    """Whether a subject's organisation owns a case on a day."""
    return owner_of(session, case, on=on) == subject.organisation_id


def check_owner(owning: Collection[Tenure], case: Case, *, subject: Subject, on: date) -> None:
    """Refuse whoever does not own a case on a day; raises ``NotResponsibleNow``."""
    if owner_among(owning, case, on=on) != subject.organisation_id:
        raise NotResponsibleNow


def lock_own(
    session: Session, *, case_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> Case:
    """A case only this transaction may change, for whoever owns it today.

    Raises ``CaseNotFound`` and ``NotResponsibleNow``.
    """
    today = local_date(now)
    case = lock_case(session, case_id=case_id, subject=subject, permission=permission, on=today)
    check_owner(tenures(session, Role.CASE_OWNER), case, subject=subject, on=today)
    return case


def part_of(
    session: Session, case: Case, *, subject: Subject, purpose: LegalPurpose, on: date
) -> Part:
    """The part of an organisation in a case, in the role that the purpose asks for."""
    sight = visible(subject, Permission.CASE_FILE_READ, through=ROLES[purpose])
    return _PARTS[purpose](session, case, sight, on) if sight.scopes else Part.NONE


def _verifier(session: Session, case: Case, sight: Sight, _on: date) -> Part:
    """Whoever verification last said it waits for; once it has an answer, whoever gave that.

    What verification tells of a case comes in order, so the order of arrival is that of its steps.
    """
    told = select(JourneyStep.kind, JourneyStep.organisation_id).where(
        JourneyStep.case_id == case.id,
        JourneyStep.kind.in_((StepKind.VERIFICATION_OPENED, StepKind.VERIFICATION_CONCLUDED)),
    )
    steps = session.execute(told.order_by(JourneyStep.id)).all()
    if sight.organisation_id not in {step.organisation_id for step in steps}:
        return Part.NONE
    last = steps[-1]
    if last.organisation_id != sight.organisation_id:
        return Part.NOT_NOW
    return Part.PRESENT if last.kind == StepKind.VERIFICATION_OPENED else Part.DECIDED


def _owner(session: Session, case: Case, sight: Sight, on: date) -> Part:
    """A case owner knows of the cases it reaches, so it is told that another one owns this."""
    reach = exists().where(Case.id == case.id, reached_as_owner(sight, on))
    if not session.scalar(select(reach)):
        return Part.NONE
    is_owner = owner_of(session, case, on=on) == sight.organisation_id
    return Part.PRESENT if is_owner else Part.NOT_NOW


def _assigned(role: Role) -> Callable[[Session, Case, Sight, date], Part]:
    def part(session: Session, case: Case, sight: Sight, on: date) -> Part:
        rows = session.scalars(
            select(Assignment)
            .where(
                Assignment.case_id == case.id,
                Assignment.organisation_id == sight.organisation_id,
                Assignment.role == role,
            )
            .order_by(Assignment.id)
            # No ending of it can commit before what is opened now is recorded.
            .with_for_update(read=True)
        ).all()
        if not rows:
            return Part.NONE
        return Part.PRESENT if any(row.is_live(on) for row in rows) else Part.NOT_NOW

    return part


_PARTS: Mapping[LegalPurpose, Callable[[Session, Case, Sight, date], Part]] = {
    LegalPurpose.VERIFICATION: _verifier,
    LegalPurpose.CASE_MANAGEMENT: _owner,
    LegalPurpose.SHELTER: _assigned(Role.FACILITY),
    LegalPurpose.PROTECTION: _assigned(Role.PROTECTOR),
}
