"""Drafts: begun, gone on with and discarded by one subject; gone once they are submitted.

Whoever locks several locks them by id, before anything else that the transaction locks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.orm import Session

from services.intake.domain.vault import Typed, new_draft_key, open_draft, seal_draft
from services.intake.errors import DraftNotFound, DraftSubmitted
from services.intake.models import Draft
from services.intake.policy import DraftSection
from shared.access import Permission, visible
from shared.kit import audit
from shared.kit.crypto import MasterKeys
from shared.kit.documents import ids
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id
from shared.kit.round_trips import later, soon
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version


@dataclass(frozen=True)
class Drafting:
    """One request about drafts: who asks, and when."""

    session: Session
    keys: MasterKeys
    subject: Subject
    now: datetime

    def begin(self, typed: Typed) -> Draft:
        """Begin a draft."""
        draft_id = new_id()
        key, wrapped, version = new_draft_key(self.keys, draft_id)
        draft = Draft(
            id=draft_id,
            organisation_id=self.subject.organisation_id,
            owner=self.subject.actor,
            wrapped_key=wrapped,
            master_version=version,
            content=seal_draft(key, draft_id, typed),
            sections=_sections(typed),
            begun_at=self.now,
            changed_at=self.now,
            version=1,
        )
        self.session.add(draft)
        self._note(draft, "draft.begin")
        return draft

    def save(
        self,
        draft_id: UUID,
        section: DraftSection,
        answers: Mapping[str, Sequence[str]],
        expected: Expected,
    ) -> Draft:
        """Put this in the place of what was typed into a section.

        Raises ``DraftNotFound``, ``VersionChanged``; refuses what was submitted.
        """
        draft = self._locked(draft_id, expected)
        key, typed = open_draft(self.keys, draft)
        typed = {**typed, str(section): answers}
        draft.content = seal_draft(key, draft.id, typed)
        draft.sections = _sections(typed)
        draft.changed_at, draft.version = self.now, draft.version + 1
        self._note(draft, "draft.save", section=section)
        return draft

    def discard(self, draft_id: UUID, expected: Expected) -> Draft:
        """Delete a draft, its key with it; raises and refuses as above."""
        draft = self._locked(draft_id, expected)
        self.session.delete(draft)
        self._note(draft, "draft.discard")
        return draft

    def _locked(self, draft_id: UUID, expected: Expected) -> Draft:
        asked = select(Draft).where(
            Draft.id == draft_id, begun_by(self.subject, Permission.DRAFT_KEEP)
        )
        draft = self.session.scalar(asked.with_for_update())
        if draft is None:
            raise DraftNotFound
        if draft.case_id is not None:
            raise DraftSubmitted(case_id=str(draft.case_id))
        check_version(draft.version, expected)
        return draft

    def _note(self, draft: Draft, action: str, **facts: str) -> None:
        audit.record(
            self.session,
            actor=self.subject.actor,
            action=action,
            object_id=draft.id,
            now=self.now,
            **facts,
        )


def _sections(typed: Typed) -> list[str]:
    """In the order in which one asks."""
    return [str(each) for each in DraftSection if each in typed]


def of_organisation(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """The drafts of the organisation that a subject acts for, whoever began them."""
    return visible(subject, permission).reaches(own=[Draft.organisation_id])


def begun_by(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """The drafts that exist for a subject who asks with a permission: those it began itself."""
    return and_(of_organisation(subject, permission), Draft.owner == subject.actor)


def find_drafts(
    session: Session, *, subject: Subject, after: UUID | None, size: int
) -> Sequence[Draft]:
    """Those that were not submitted, newest first, starting behind ``after``."""
    asked = select(Draft).where(begun_by(subject, Permission.DRAFT_READ), Draft.case_id.is_(None))
    if after is not None:
        asked = asked.where(Draft.id < after)
    return session.scalars(asked.order_by(Draft.id.desc()).limit(size)).all()


def count_of_others(session: Session, *, subject: Subject) -> int:
    """How many others of its organisation have begun: all that a subject learns of those."""
    asked = select(func.count()).where(
        of_organisation(subject, Permission.DRAFT_READ),
        Draft.owner != subject.actor,
        Draft.case_id.is_(None),
    )
    return session.scalar(asked) or 0


def find_draft(
    session: Session, *, keys: MasterKeys, draft_id: UUID, subject: Subject
) -> tuple[Draft, Typed]:
    """A draft and what was typed, nothing if it was submitted; raises ``DraftNotFound``."""
    draft = session.scalar(
        select(Draft).where(Draft.id == draft_id, begun_by(subject, Permission.DRAFT_READ))
    )
    if draft is None:
        raise DraftNotFound
    return draft, {} if draft.content is None else open_draft(keys, draft)[1]


@dataclass(frozen=True)
class DraftSent:
    """The draft that a case is submitted from, by whom, and in which version."""

    draft_id: UUID
    subject: Subject
    expected: Expected

    @property
    def origin(self) -> Sequence[str]:
        """What its case is known by, should this database forget that, and not the draft."""
        return ("draft", str(self.draft_id))


_LOCK = text(
    """
    SELECT id, organisation_id, owner, version, case_id FROM drafts
     WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
    """
)
_END = text(
    """
    UPDATE drafts
       SET case_id = :case_id, content = NULL, wrapped_key = NULL, master_version = NULL,
           changed_at = :now, version = version + 1
     WHERE id = :id
    """
)


@dataclass
class DraftsSent:
    """The drafts that cases are submitted from together, locked with whatever is read next.

    A case is taken from its draft once: the two change hands in one transaction.
    """

    session: Session
    sent: Sequence[DraftSent]
    now: datetime
    _rows: Sequence[tuple[UUID, UUID, str, int, UUID | None]] = field(init=False, default=())
    _taken: dict[UUID, UUID] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.sent:
            wanted = {"ids": ids({each.draft_id for each in self.sent})}
            self._rows = soon(self.session, _LOCK, wanted)

    def refusal(self, sent: DraftSent, case_id: UUID) -> DomainError | None:
        """Why no case is taken from a draft, if none is; otherwise this one is."""
        try:
            self._check(sent)
        except DomainError as refusal:
            return refusal
        self._taken[sent.draft_id] = case_id
        return None

    def _check(self, sent: DraftSent) -> None:
        sight = visible(sent.subject, Permission.DRAFT_KEEP)
        for draft_id, organisation_id, owner, version, case_id in self._rows:
            if draft_id != sent.draft_id:
                continue
            if owner != sent.subject.actor or not sight.owns(organisation_id):
                break
            if became := case_id or self._taken.get(draft_id):
                raise DraftSubmitted(case_id=str(became))
            check_version(version, sent.expected)
            return
        raise DraftNotFound

    def end(self) -> None:
        """Destroy what the drafts held, and keep which case came of each."""
        for draft_id, case_id in self._taken.items():
            later(self.session, _END, {"id": draft_id, "case_id": case_id, "now": self.now})
