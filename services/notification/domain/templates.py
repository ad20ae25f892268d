"""What notices say is changed by two people: one writes a draft, another publishes it.

What was published is never changed. Who wants an earlier text again begins a draft of it; who wants
none of one's own begins one that says nothing, so that what stands below it is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.built_in import built_in
from services.notification.domain.wordings import (
    BUILT_IN,
    Key,
    faults_of,
    key_of,
    latest,
    wording_of,
)
from services.notification.errors import (
    DraftConcluded,
    DraftOfAnother,
    DraftStands,
    OrganisationNotFound,
    TemplateNotFound,
    TemplateRefused,
)
from services.notification.models import Organisation, Template
from services.notification.policy import TEXTS, TextKind, text_kind
from services.notification.policy.templates import (
    TemplateReason,
    TemplateState,
    Wording,
)
from shared.access import Permission, visible
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.two_people import check_another
from shared.kit.versions import Expected, check_version
from shared.texts import TextLanguage

Said = Mapping[TextLanguage, Wording]
"""A text in both languages."""


@dataclass(frozen=True)
class TemplateKey:
    """One text: of a kind of notice, on a channel, for all or for one organisation."""

    kind: TextKind
    channel: ChannelKind
    organisation_id: UUID | None = None

    @property
    def of_all(self) -> "TemplateKey":
        """The text below that of an organisation."""
        return TemplateKey(self.kind, self.channel)


@dataclass(frozen=True)
class DraftFacts:
    """What a draft says, and why; without a text it says nothing, and what is below it is said."""

    reason: TemplateReason
    said: Said | None


@dataclass(frozen=True)
class Standing:
    """How it stands with one text: what is said now, and what is to be said."""

    key: TemplateKey
    said: Said
    """What is said now."""
    version_id: UUID | None
    """The version that says it; none where that is built in."""
    number: int
    is_own: bool
    """Whether it is the organisation's own; where none is named, whether it is not built in."""
    draft_id: UUID | None
    left_out_id: UUID | None
    """What was published last and could not be sent any more, so that what is below it is said."""


def find_standings(
    session: Session, *, subject: Subject, organisation_id: UUID | None, most: int
) -> list[Standing]:
    """Every text, as it stands for all, or for one organisation.

    Raises ``TemplateNotFound`` where another organisation's are asked for.
    """
    _check_sight(subject, Permission.TEMPLATE_READ, organisation_id)
    of_both = _of_one_or_all(organisation_id)
    known = {key_of(each): each for each in latest(session, of_both)}
    drafts = select(Template).where(of_both, Template.state == TemplateState.DRAFT)
    begun = {key_of(each): each.id for each in session.scalars(drafts)}
    return [
        _standing(TemplateKey(kind, channel, organisation_id), known, begun, most)
        for kind, channel in TEXTS
    ]


def find_standing(session: Session, *, subject: Subject, key: TemplateKey, most: int) -> Standing:
    """One of them; raises ``TemplateNotFound``."""
    found = find_standings(session, subject=subject, organisation_id=key.organisation_id, most=most)
    for each in found:
        if each.key == key:
            return each
    raise TemplateNotFound


def find_versions(
    session: Session, *, subject: Subject, key: TemplateKey, after: UUID | None, size: int
) -> Sequence[Template]:
    """Every version there ever was of one text, the newest first."""
    _check_sight(subject, Permission.TEMPLATE_READ, key.organisation_id)
    query = select(Template).where(_is_of(key)).order_by(Template.number.desc()).limit(size)
    if after is not None:
        last = select(Template.number).where(Template.id == after, _is_of(key)).scalar_subquery()
        query = query.where(Template.number < last)
    return session.scalars(query).all()


def find_version(session: Session, *, subject: Subject, version_id: UUID) -> Template:
    """One version; raises ``TemplateNotFound``."""
    found = session.get(Template, version_id)
    if found is None:
        raise TemplateNotFound
    _check_sight(subject, Permission.TEMPLATE_READ, found.organisation_id)
    return found


def said_by(session: Session, template: Template) -> Said:
    """What a version says, or lets be said that stands below it."""
    if not template.is_fallback:
        return _said_by(template)
    key = _key(template)
    if key.organisation_id is not None:
        for each in latest(session, _is_of(key.of_all)):
            if not each.is_fallback:
                return _said_by(each)
    return _built_in(key)


def begin_draft(
    session: Session,
    *,
    subject: Subject,
    key: TemplateKey,
    facts: DraftFacts,
    most: int,
    now: datetime,
) -> Template:
    """Begin a draft of a text; of each there is one at a time.

    Raises ``TemplateNotFound``, ``OrganisationNotFound``, ``TemplateRefused``, ``DraftStands``.
    """
    _check_sight(subject, Permission.TEMPLATE_CHANGE, key.organisation_id)
    if (key.kind, key.channel) not in TEXTS:
        raise TemplateNotFound
    if key.organisation_id is not None and session.get(Organisation, key.organisation_id) is None:
        raise OrganisationNotFound
    number = select(func.coalesce(func.max(Template.number), BUILT_IN) + 1).where(_is_of(key))
    begun = (
        insert(Template)
        .values(
            id=new_id(),
            kind=key.kind,
            channel=key.channel,
            organisation_id=key.organisation_id,
            number=number.scalar_subquery(),
            state=TemplateState.DRAFT,
            version=1,
            made_at=now,
            made_by=subject.actor,
            changed_at=now,
            **_columns(facts),
        )
        .on_conflict_do_nothing()
        .returning(Template)
    )
    made = session.scalar(begun)
    if made is None:
        raise DraftStands
    _check_words(made, most)
    _record(session, made, "template.drafted", subject, now)
    return made


def change_draft(
    session: Session,
    *,
    subject: Subject,
    version_id: UUID,
    facts: DraftFacts,
    expected_version: Expected,
    most: int,
    now: datetime,
) -> Template:
    """Say something else in a draft, which only whoever began it may.

    Raises ``TemplateNotFound``, ``DraftConcluded``, ``DraftOfAnother``, ``VersionChanged``,
    ``TemplateRefused``.
    """
    draft = _locked(session, subject, version_id, Permission.TEMPLATE_CHANGE)
    if draft.made_by != subject.actor:
        raise DraftOfAnother
    check_version(draft.version, expected_version)
    for column, value in _columns(facts).items():
        setattr(draft, column, value)
    draft.version += 1
    draft.changed_at = now
    _check_words(draft, most)
    session.flush()
    _record(session, draft, "template.changed", subject, now)
    return draft


def publish_draft(
    session: Session,
    *,
    subject: Subject,
    version_id: UUID,
    expected_version: Expected,
    most: int,
    now: datetime,
) -> Template:
    """Have a draft said from now on, as it was read; the list of words is asked again.

    Raises ``TemplateNotFound``, ``DraftConcluded``, ``VersionChanged``, ``TemplateRefused``, and
    ``AnotherMustConfirm`` for whoever wrote it.
    """
    draft = _locked(session, subject, version_id, Permission.TEMPLATE_PUBLISH)
    check_another(subject.actor, draft.made_by)
    check_version(draft.version, expected_version)
    _check_words(draft, most)
    _conclude(draft, TemplateState.PUBLISHED, subject, now)
    session.flush()
    _record(session, draft, "template.published", subject, now, drafted_by=draft.made_by)
    return draft


def discard_draft(
    session: Session, *, subject: Subject, version_id: UUID, now: datetime
) -> Template:
    """Give a draft up, one's own or another's; raises ``TemplateNotFound``, ``DraftConcluded``."""
    draft = _locked(session, subject, version_id, Permission.TEMPLATE_CHANGE)
    _conclude(draft, TemplateState.DISCARDED, subject, now)
    session.flush()
    _record(session, draft, "template.discarded", subject, now)
    return draft


def _check_sight(subject: Subject, permission: Permission, organisation_id: UUID | None) -> None:
    """The text for all is read by everybody who reads texts, and changed by who reaches all."""
    sight = visible(subject, permission)
    is_for_all = organisation_id is None and permission is Permission.TEMPLATE_READ
    is_own = organisation_id is not None and sight.owns(organisation_id)
    if not (sight.is_over_all or is_own or (is_for_all and sight.scopes)):
        raise TemplateNotFound


def _locked(
    session: Session, subject: Subject, version_id: UUID, permission: Permission
) -> Template:
    found = session.get(Template, version_id, with_for_update=True)
    if found is None:
        raise TemplateNotFound
    _check_sight(subject, permission, found.organisation_id)
    if found.state != TemplateState.DRAFT:
        raise DraftConcluded
    return found


def _check_words(template: Template, most: int) -> None:
    faults = faults_of(template, most=most)
    if faults:
        raise TemplateRefused(
            errors=[
                {"in": "body", "pointer": f"/{field}", "rule": fault.rule, **fault.facts}
                for field, fault in faults
            ]
        )


def _columns(facts: DraftFacts) -> dict[str, Any]:
    said = {language: wording.tidied() for language, wording in (facts.said or {}).items()}
    found: dict[str, Any] = {"reason": facts.reason, "is_fallback": facts.said is None}
    for language in TextLanguage:
        wording = said.get(language)
        found[f"subject_{language}"] = (wording.subject or None) if wording else None
        found[f"wording_{language}"] = wording.text if wording else None
    return found


def _conclude(draft: Template, state: TemplateState, subject: Subject, now: datetime) -> None:
    draft.state = state
    draft.concluded_at = now
    draft.concluded_by = subject.actor
    draft.version += 1


def _record(
    session: Session, it: Template, action: str, subject: Subject, now: datetime, **facts: Any
) -> None:
    of = {"organisation_id": str(it.organisation_id)} if it.organisation_id else {}
    audit.record(
        session,
        actor=subject.actor,
        action=action,
        object_id=it.id,
        now=now,
        kind=it.kind,
        channel=it.channel,
        number=it.number,
        reason=it.reason,
        **of,
        **facts,
    )


def _standing(
    key: TemplateKey, known: Mapping[Key, Template], begun: Mapping[Key, UUID], most: int
) -> Standing:
    own = known.get(_row_key(key))
    below = known.get(_row_key(key.of_all)) if key.organisation_id is not None else None
    said = [each for each in (own, below) if each is not None and not each.is_fallback]
    usable = next((each for each in said if not faults_of(each, most=most)), None)
    left_out = own if own in said and own is not usable else None
    return Standing(
        key=key,
        said=_said_by(usable) if usable else _built_in(key),
        version_id=usable.id if usable else None,
        number=usable.number if usable else BUILT_IN,
        is_own=usable is not None and usable is own,
        draft_id=begun.get(_row_key(key)),
        left_out_id=left_out.id if left_out else None,
    )


def _row_key(key: TemplateKey) -> Key:
    return key.kind, key.channel, key.organisation_id


def _key(template: Template) -> TemplateKey:
    return TemplateKey(
        text_kind(template.kind), ChannelKind(template.channel), template.organisation_id
    )


def _is_of(key: TemplateKey) -> ColumnElement[bool]:
    whose = Template.organisation_id.is_not_distinct_from(key.organisation_id)
    return (Template.kind == key.kind) & (Template.channel == key.channel) & whose


def _of_one_or_all(organisation_id: UUID | None) -> ColumnElement[bool]:
    is_for_all = Template.organisation_id.is_(None)
    return or_(is_for_all, Template.organisation_id == organisation_id)


def _said_by(template: Template) -> Said:
    return {language: wording_of(template, language) for language in TextLanguage}


def _built_in(key: TemplateKey) -> Said:
    return {language: built_in(key.kind, key.channel, language) for language in TextLanguage}
