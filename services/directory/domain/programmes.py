"""Programmes: what organisations offer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain.areas import areas_over, check_areas
from services.directory.domain.organisations import find_organisation
from services.directory.errors import ProgrammeNotFound
from services.directory.models import Programme
from services.directory.policy import check_ages
from shared.contracts.directory import ProgrammeChanged
from shared.contracts.vocabulary import AssuredBy, EntitlementCode, OrganisationKind, Sex
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.versions import Expected, check_version
from shared.law import Certainty
from shared.messaging import outbox

ASSURANCE = ("assured_at", "assured_by", "assured_post", "assured_on", "assured_reference")
NOT_ASSURED: Mapping[str, object] = dict.fromkeys(ASSURANCE)
LISTS = ("codes", "area_codes", "languages", "client_sexes", "staff_sexes")


@dataclass(frozen=True)
class ProgrammeFacts:
    """What may change about a programme; who runs it never does.

    Capacity in places, ages in completed years, languages as BCP 47 tags. ``staff_sexes`` are those
    of which staff can be asked for.
    """

    name_vi: str
    name_en: str
    codes: tuple[EntitlementCode, ...]
    area_codes: tuple[str, ...]
    capacity: int
    languages: tuple[str, ...] = ("vi",)
    has_interpreter: bool = False
    client_sexes: tuple[Sex, ...] = tuple(Sex)
    minimum_age: int | None = None
    maximum_age: int | None = None
    serves_children: bool = False
    staff_sexes: tuple[Sex, ...] = ()
    is_active: bool = True
    certainty: Certainty = Certainty.ASSUMED


def open_programme(
    session: Session,
    *,
    organisation_id: UUID,
    facts: ProgrammeFacts,
    now: datetime,
    actor: str,
    programme_id: UUID | None = None,
) -> Programme:
    """Take a programme in and tell the others; nobody is sent there until it is assured.

    Raises ``OrganisationNotFound``, ``AgesCrossed`` and ``AreaUnknown``.
    """
    _check(facts, now)
    made = Programme(
        id=programme_id or new_id(),
        organisation=find_organisation(session, organisation_id=organisation_id),
        **_columns(facts),
        version=1,
        changed_at=now,
    )
    session.add(made)
    # What the table refuses is this request's fault, not that of whoever commits.
    session.flush()
    tell_programme(session, made, action="programme.opened", now=now, actor=actor)
    return made


def change_programme(
    session: Session,
    *,
    programme_id: UUID,
    facts: ProgrammeFacts,
    expected_version: Expected,
    now: datetime,
    actor: str,
) -> Programme:
    """Replace the facts of a programme and tell the others; its assurance ends with the old ones.

    Raises ``ProgrammeNotFound``, ``VersionChanged``, ``AgesCrossed`` and ``AreaUnknown``.
    """
    programme = lock_programme(session, programme_id)
    check_version(programme.version, expected_version)
    return apply_facts(session, programme, facts=facts, now=now, actor=actor)


def apply_facts(
    session: Session,
    programme: Programme,
    *,
    facts: ProgrammeFacts,
    now: datetime,
    actor: str,
) -> Programme:
    """Write new facts to a locked programme, as its next version, which nobody has assured yet."""
    _check(facts, now)
    for column, value in {**_columns(facts), **NOT_ASSURED}.items():
        setattr(programme, column, value)
    programme.version += 1
    programme.changed_at = now
    session.flush()
    tell_programme(session, programme, action="programme.changed", now=now, actor=actor)
    return programme


def lock_programme(session: Session, programme_id: UUID) -> Programme:
    """One programme, which nobody else changes meanwhile; raises ``ProgrammeNotFound``."""
    found = session.get(Programme, programme_id, with_for_update={"of": Programme})
    if found is None:
        raise ProgrammeNotFound
    return found


def find_programme(session: Session, *, programme_id: UUID) -> Programme:
    """One programme; raises ``ProgrammeNotFound``."""
    found = session.get(Programme, programme_id)
    if found is None:
        raise ProgrammeNotFound
    return found


def find_programmes(
    session: Session,
    *,
    organisation_id: UUID | None,
    code: EntitlementCode | None,
    area: str | None,
    after: UUID | None,
    size: int,
) -> Sequence[Programme]:
    """Programmes in the order of their ids, by who runs them, what they serve and where."""
    wanted = select(Programme).order_by(Programme.id).limit(size)
    if after is not None:
        wanted = wanted.where(Programme.id > after)
    if organisation_id is not None:
        wanted = wanted.where(Programme.organisation_id == organisation_id)
    if code is not None:
        wanted = wanted.where(Programme.codes.contains([code]))
    if area is not None:
        wanted = wanted.where(Programme.area_codes.overlap(list(areas_over(area))))
    return session.scalars(wanted).all()


def _check(facts: ProgrammeFacts, now: datetime) -> None:
    check_ages(facts.minimum_age, facts.maximum_age)
    check_areas(facts.area_codes, on=local_date(now))


def _columns(facts: ProgrammeFacts) -> dict[str, object]:
    return asdict(facts) | {name: list(getattr(facts, name)) for name in LISTS}


def tell_programme(
    session: Session,
    programme: Programme,
    *,
    action: str,
    now: datetime,
    actor: str,
) -> None:
    """Record what was done with a programme, and tell the others how it stands now."""
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=programme.id,
        now=now,
        version=programme.version,
        capacity=programme.capacity,
        assured_by=programme.assured_by,
        assured_on=programme.assured_on.isoformat() if programme.assured_on else None,
    )
    outbox.add(session, as_it_stands(programme, now))


def as_it_stands(programme: Programme, told_at: datetime) -> ProgrammeChanged:
    """The programme, whole, as messages tell it."""
    return ProgrammeChanged(
        occurred_at=told_at,
        programme_id=programme.id,
        organisation_id=programme.organisation_id,
        organisation_kind=OrganisationKind(programme.organisation.kind),
        codes=tuple(EntitlementCode(code) for code in programme.codes),
        area_codes=tuple(programme.area_codes),
        capacity=programme.capacity,
        languages=tuple(programme.languages),
        has_interpreter=programme.has_interpreter,
        client_sexes=tuple(map(Sex, programme.client_sexes)),
        minimum_age=programme.minimum_age,
        maximum_age=programme.maximum_age,
        serves_children=programme.serves_children,
        staff_sexes=tuple(map(Sex, programme.staff_sexes)),
        assured_at=programme.assured_at,
        assured_by=AssuredBy(programme.assured_by) if programme.assured_by else None,
        is_active=programme.is_active,
    )
