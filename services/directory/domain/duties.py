"""What a provider, a manager, an organisation with an address and an operator must do here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Select,
    SQLColumnExpression,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from services.directory.models import (
    ContactPoint,
    Endpoint,
    Organisation,
    Programme,
    RuleProposal,
    Staff,
    StaffCredentials,
    StaffGrant,
    StaffPhone,
    StaffSettings,
)
from services.directory.policy import ASSURE_BEFORE, RENEW_BEFORE, Duty, ProposalState
from shared.access import Permission, visible
from shared.contracts.vocabulary import EndpointReason, Role
from shared.duties import Due, Duties, Named, by_day, duty, operators
from shared.kit.arrays import among
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject, SubjectKind
from shared.law import Period, PeriodKey, Rules, Superseding, end_of, supersede
from shared.rulebook import rules_of

_MOMENT = TYPES[datetime]
_ASSURED_ON: SQLColumnExpression[date] = cast(
    func.timezone(HAI_PHONG.key, Programme.assured_at), Date
)


def _providers(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Programmes that nobody answers for, and those whose assurance ends soon or has ended."""
    sight = visible(subject, Permission.PROGRAMME_ASSURE, through=Role.PROVIDER)
    own = and_(Programme.is_active, sight.reaches(own=[Programme.organisation_id]))
    is_unassured = Programme.assured_by.is_(None)
    days = session.scalars(select(_ASSURED_ON).distinct().where(own, ~is_unassured)).all()
    rules = rules_of(session)
    ends = by_day({day: end_of(_freshness(rules, day), day) for day in days})
    return (
        duty(
            literal(str(Duty.ASSURE_PROGRAMME)),
            subject="programme",
            object_id=Programme.id,
            since=func.coalesce(Programme.assured_at, Programme.changed_at),
            due_at=ends.c.due_at,
            link=func.concat("programmes/", Programme.id),
        )
        .select_from(Programme)
        .outerjoin(ends, and_(~is_unassured, ends.c.day == _ASSURED_ON))
        .where(own, or_(is_unassured, ends.c.due_at <= now + ASSURE_BEFORE))
    )


def assurances_moved(session: Session, proposed: Superseding) -> dict[str, int]:
    """Of the assurances that hold, how many there are and how many a row would end otherwise."""
    before = rules_of(session)
    after = supersede(before, [proposed])
    named = Programme.is_active & Programme.assured_by.is_not(None)
    days = session.scalars(select(_ASSURED_ON).where(named)).all()
    moved = sum(_ends_at(before, day) != _ends_at(after, day) for day in days)
    return {"running": len(days), "moved": moved}


def _ends_at(rules: Rules, assured_on: date) -> datetime | None:
    end = end_of(_freshness(rules, assured_on), assured_on)
    return end.at if end else None


def _freshness(rules: Rules, assured_on: date) -> Period:
    return rules.find(PeriodKey.DIRECTORY_FRESHNESS, on=assured_on)


def _accounts(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """People who have no way in, and no link by which they could make one."""
    has_link = and_(
        StaffCredentials.link_digest.is_not(None), StaffCredentials.link_expires_at > now
    )
    is_ready = exists().where(
        StaffCredentials.staff_id == Staff.id,
        or_(
            StaffCredentials.password_hash.is_not(None),
            StaffCredentials.outside_digest.is_not(None),
            has_link,
        ),
    )
    ended_at = select(StaffCredentials.link_expires_at).where(StaffCredentials.staff_id == Staff.id)
    since = func.coalesce(ended_at.scalar_subquery(), Staff.registered_at)
    return _of_managers(Duty.GIVE_LINK, subject, since=since).where(~is_ready)


_Next = aliased(StaffGrant)
_FOLLOWS = exists().where(
    _Next.staff_id == StaffGrant.staff_id,
    _Next.role == StaffGrant.role,
    _Next.area_code == StaffGrant.area_code,
    _Next.valid_from <= StaffGrant.valid_to,
    or_(_Next.valid_to.is_(None), _Next.valid_to > StaffGrant.valid_to),
)


def _grants(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """People with a grant that ends soon, and that no other one follows."""
    today = local_date(now)
    ends = (
        select(func.min(StaffGrant.valid_to))
        .where(
            StaffGrant.staff_id == Staff.id,
            StaffGrant.valid_to > today,
            StaffGrant.valid_to <= today + RENEW_BEFORE,
            ~_FOLLOWS,
        )
        .scalar_subquery()
    )
    asked_on = cast(ends - RENEW_BEFORE.days, DateTime)
    since = func.timezone(HAI_PHONG.key, asked_on, type_=_MOMENT)
    return _of_managers(Duty.RENEW_GRANT, subject, since=since).where(ends.is_not(None))


def _of_managers(what: Duty, subject: Subject, *, since: SQLColumnExpression[Any]) -> Select[Any]:
    sight = visible(subject, Permission.STAFF_CHANGE)
    return duty(
        literal(str(what)),
        subject="account",
        object_id=Staff.id,
        since=since,
        link=func.concat("staff/", Staff.id),
    ).where(Staff.is_active, sight.reaches(own=[Staff.organisation_id]))


def _endpoints(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Addresses that are gone, until the organisation has another one for the same."""
    other = aliased(Endpoint)
    has_another = exists().where(
        other.organisation_id == Endpoint.organisation_id,
        other.topic.is_not_distinct_from(Endpoint.topic),
        other.registered_at > Endpoint.registered_at,
    )
    sight = visible(subject, Permission.ENDPOINT_CHANGE)
    return duty(
        literal(str(Duty.RENEW_ENDPOINT)),
        subject="endpoint",
        object_id=Endpoint.id,
        since=Endpoint.changed_at,
        link=func.concat("organisations/", Endpoint.organisation_id, "/endpoints"),
    ).where(
        Endpoint.reason == EndpointReason.GONE,
        ~has_another,
        sight.reaches(own=[Endpoint.organisation_id]),
    )


def _own_mailbox(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """One's own mailbox, while it refuses what is written there."""
    return _own_way(Duty.RENEW_MAILBOX, subject, StaffSettings)


def _own_phone(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """One's own phone, while it takes no SMS."""
    return _own_way(Duty.RENEW_PHONE, subject, StaffPhone)


def _own_way(
    what: Duty, subject: Subject, table: type[StaffSettings] | type[StaffPhone]
) -> Select[Any]:
    is_person = subject.kind is SubjectKind.STAFF
    is_own = table.staff_id == UUID(subject.id) if is_person else false()
    return duty(
        literal(str(what)),
        subject="account",
        object_id=table.staff_id,
        since=table.refused_since,
        link=literal("me/settings"),
    ).where(table.refused_since.is_not(None), is_own)


def _unreached(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """People to whom what is urgent did not come, or cannot, by any way that they named.

    Which mailbox or phone that is, is theirs. Whoever is reached by the other way is told.
    """
    by_mail, by_phone = _missed_since(StaffSettings), _missed_since(StaffPhone)
    is_mailed = and_(StaffSettings.confirmed_at.is_not(None), by_mail.is_(None))
    is_texted = and_(StaffPhone.confirmed_at.is_not(None), by_phone.is_(None))
    missed_since = func.greatest(by_mail, by_phone)
    since = (
        select(missed_since)
        .select_from(StaffSettings)
        .outerjoin(StaffPhone, StaffPhone.staff_id == StaffSettings.staff_id)
        .where(
            StaffSettings.staff_id == Staff.id,
            missed_since.is_not(None),
            ~or_(is_mailed, is_texted),
        )
        .scalar_subquery()
    )
    return _of_managers(Duty.REACH_COLLEAGUE, subject, since=since).where(since.is_not(None))


def _missed_since(table: type[StaffSettings] | type[StaffPhone]) -> Any:
    return func.coalesce(table.urgent_refused_at, table.stopped_at)


def _office_mailboxes(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Mailboxes of offices that want a weekly page and refuse it."""
    sight = visible(subject, Permission.ENDPOINT_CHANGE)
    is_wanted = exists().where(
        Organisation.id == ContactPoint.organisation_id,
        Organisation.is_active,
        Organisation.weekly_page_since.is_not(None),
    )
    return duty(
        literal(str(Duty.RENEW_OFFICE_MAILBOX)),
        subject="contact_point",
        object_id=ContactPoint.id,
        since=ContactPoint.refused_since,
        link=func.concat("organisations/", ContactPoint.organisation_id, "/contact-points"),
    ).where(
        ContactPoint.valid_to.is_(None),
        ContactPoint.refused_since.is_not(None),
        is_wanted,
        sight.reaches(own=[ContactPoint.organisation_id]),
    )


def _proposals(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Rows of the law that somebody else proposed, for whoever may publish them."""
    sight = visible(subject, Permission.RULE_PUBLISH)
    return duty(
        literal(str(Duty.PUBLISH_RULE)),
        subject="rule_proposal",
        object_id=RuleProposal.id,
        since=RuleProposal.proposed_at,
        link=func.concat("law/proposals/", RuleProposal.id),
    ).where(
        RuleProposal.state == ProposalState.PROPOSED,
        RuleProposal.proposed_by != subject.actor,
        sight.reaches(),
    )


def _explain(session: Session, named: Sequence[Named]) -> Mapping[Named, Due]:
    """By which row an assurance ends, and when; without one nothing runs."""
    ids = {each for what, each in named if what == Duty.ASSURE_PROGRAMME}
    is_assured = and_(among(Programme.id, ids), Programme.assured_by.is_not(None))
    found = session.execute(select(Programme.id, _ASSURED_ON).where(is_assured)).all()
    due = {each: _freshness(rules_of(session), day) for each, day in found}
    return {_name(each): Due(due[each], end_of(due[each], day)) for each, day in found}


def _name(programme_id: UUID) -> Named:
    return str(Duty.ASSURE_PROGRAMME), programme_id


DUTIES = Duties(
    sources=(
        _providers,
        _accounts,
        _grants,
        _endpoints,
        _own_mailbox,
        _own_phone,
        _unreached,
        _office_mailboxes,
        _proposals,
        operators,
    ),
    explain=_explain,
)
