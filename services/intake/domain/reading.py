"""What may be read, and by whom: codes, never identity. Other people's cases do not exist."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from services.intake.domain.reach import PLACE, reached, reached_as_owner
from services.intake.errors import CaseNotFound
from services.intake.models import Case, Consent, JourneyStep, Paper
from services.intake.policy import GIVEN, CaseStatus, StepKind, read_code
from shared.access import Permission, visible
from shared.contracts.following import KINDS, NeedKind, followed_as
from shared.contracts.vocabulary import EntitlementCode, Route
from shared.kit.clock import start_of_day
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class CaseView:
    """A case with its consents and the kinds of its papers."""

    case: Case
    consents: Sequence[Consent]
    papers: Sequence[str]
    accompanies: Case | None
    """The case with which the child came, where the reader reaches it."""
    accompanied_by: Sequence[Case]
    """The cases of the children who came along, as far as the reader reaches them."""


@dataclass(frozen=True)
class Wanted:
    """Which cases of those that exist for a subject; what is unset leaves none out."""

    status: CaseStatus | None = None
    route: Route | None = None
    code: str | None = None
    unit: str | None = None
    """A unit of today, or an area of several: where the person is, or else is from."""
    responsible_id: UUID | None = None
    officer_id: UUID | None = None
    since: date | None = None
    """The first day on which it was told to the exchange."""
    receiver_id: UUID | None = None
    """Who submitted it."""


@dataclass(frozen=True)
class StepView:
    """A step of a journey as one subject may see it."""

    at: datetime
    kind: str
    status: str | None
    reason: str | None
    outcome: str | None
    need: NeedKind | None
    code: EntitlementCode | None
    referral_id: UUID | None
    """As its subject knows it."""
    organisation_id: UUID | None


def visible_cases(subject: Subject, permission: Permission, on: date) -> Select[Case]:
    """The cases that exist on a day for a subject who asks with a permission."""
    return select(Case).where(reached(visible(subject, permission), on))


def find_case(session: Session, *, case_id: UUID, subject: Subject, on: date) -> CaseView:
    """Read a case; raises ``CaseNotFound``."""
    asked = visible_cases(subject, Permission.CASE_READ, on)
    case = session.scalar(asked.where(Case.id == case_id))
    if case is None:
        raise CaseNotFound
    consents = select(Consent).where(Consent.case_id == case_id).order_by(Consent.id)
    papers = select(Paper.type).where(Paper.case_id == case_id).order_by(Paper.id)
    beside = visible_cases(subject, Permission.CASE_READ, on).where(
        or_(Case.id == case.accompanies_id, Case.accompanies_id == case.id)
    )
    found = session.scalars(beside.order_by(Case.id)).all()
    return CaseView(
        case,
        session.scalars(consents).all(),
        session.scalars(papers).all(),
        accompanies=next((it for it in found if it.id == case.accompanies_id), None),
        accompanied_by=[it for it in found if it.accompanies_id == case.id],
    )


def lock_case(
    session: Session, *, case_id: UUID, subject: Subject, permission: Permission, on: date
) -> Case:
    """A case only this transaction may change; raises ``CaseNotFound``."""
    asked = visible_cases(subject, permission, on).where(Case.id == case_id)
    case = session.scalar(asked.with_for_update(key_share=True))
    if case is None:
        raise CaseNotFound
    return case


def find_cases(
    session: Session,
    *,
    subject: Subject,
    wanted: Wanted,
    on: date,
    after: UUID | None,
    size: int,
) -> Sequence[Case]:
    """Cases, newest first, starting behind ``after``; raises ``CaseCodeMistyped``."""
    asked = visible_cases(subject, Permission.CASE_READ, on).where(*_conditions(wanted, on))
    asked = asked.order_by(Case.id.desc()).limit(size)
    if after is not None:
        asked = asked.where(Case.id < after)
    return session.scalars(asked).all()


def _conditions(wanted: Wanted, on: date) -> Iterator[ColumnElement[bool]]:
    if wanted.status is not None:
        yield Case.status == wanted.status
    if wanted.route is not None:
        yield Case.route == wanted.route
    if wanted.code is not None:
        yield Case.code == read_code(wanted.code)
    if wanted.unit is not None:
        yield PLACE.lie_in(frozenset({wanted.unit}), on)
    if wanted.responsible_id is not None:
        yield Case.responsible_id == wanted.responsible_id
    if wanted.officer_id is not None:
        yield Case.officer_id == wanted.officer_id
    if wanted.since is not None:
        yield Case.registered_at >= start_of_day(wanted.since)
    if wanted.receiver_id is not None:
        yield Case.receiver_id == wanted.receiver_id


def find_journey(
    session: Session, *, case_id: UUID, subject: Subject, on: date
) -> Sequence[StepView]:
    """Everything that was told of a case, in order of time; raises ``CaseNotFound``."""
    is_whole = is_seen_whole(session, case_id=case_id, subject=subject, on=on)
    steps = select(JourneyStep).where(JourneyStep.case_id == case_id, read_by(is_whole=is_whole))
    ordered = session.scalars(steps.order_by(JourneyStep.at, JourneyStep.id))
    return [_seen(each, is_whole=is_whole) for each in ordered]


def read_by(*, is_whole: bool) -> ColumnElement[bool]:
    """The steps that a subject reads: protection and stays are for whoever owns the case alone.

    That somebody is in danger, who guards them, and where they live is not for all who once
    received them.
    """
    if is_whole:
        return true()
    named = JourneyStep.reason.regexp_match(WITHHELD)
    return and_(
        JourneyStep.kind.not_in((StepKind.PROTECTION_MOVED, StepKind.STAY_MOVED)),
        ~func.coalesce(named, false()),
    )


WITHHELD = r"^(protection|stay)\."
"""How the names of the rows of the law about them begin."""


def is_seen_whole(session: Session, *, case_id: UUID, subject: Subject, on: date) -> bool:
    """Whether a subject reads all that happened to a case; raises ``CaseNotFound``.

    All, as whoever reaches the case as a case owner; what it holds elsewhere says nothing here.
    """
    sight = visible(subject, Permission.CASE_READ)
    asked = select(Case.id, reached_as_owner(sight, on).label("is_whole"))
    found = session.execute(asked.where(Case.id == case_id, reached(sight, on))).one_or_none()
    if found is None:
        raise CaseNotFound
    return bool(found.is_whole)


def _seen(step: JourneyStep, *, is_whole: bool) -> StepView:
    """What is shown of a step: of support, who submitted the case learns the kind of need only.

    No organisation, no programme's offer and no id that leads to one: whom a person was referred to
    says what ails them.
    """
    code = EntitlementCode(step.code) if step.code else None
    is_of_support = step.referral_id is not None or step.kind in GIVEN
    is_hidden = is_of_support and not is_whole
    known_as = followed_as(step.referral_id) if is_hidden and step.referral_id else step.referral_id
    return StepView(
        at=step.at,
        kind=step.kind,
        status=step.status,
        reason=step.reason,
        outcome=step.outcome,
        need=KINDS[code] if code else None,
        code=None if is_hidden else code,
        referral_id=known_as,
        organisation_id=None if is_hidden else step.organisation_id,
    )
