"""Which text a delivery is sent with: chosen when it is sent, and written down with it.

The text that the organisation has published for itself, else the one for all, else the one that is
built in. One that could not be sent any more (the list of words has grown, a fact is gone) is left
out, and what stands below it is used: nobody waits for it to be mended, and nothing telling leaves.
A further try says what the one before said, for the same mail may arrive twice; what was replayed,
or goes by another channel, is chosen anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from services.notification.domain.telling import telling_words
from services.notification.models import Template
from services.notification.policy import WRITTEN, PersonalKind, TextKind, text_kind
from services.notification.policy.templates import (
    Fault,
    TemplateState,
    Wording,
    find_faults,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit.arrays import among
from shared.kit.logging import logger

BUILT_IN = 0
"""The version of what is said where nobody has published anything."""
MOST_SEGMENTS = 2
"""How many segments a text to a phone takes at most, where no setting says otherwise."""

Key = tuple[str, str, UUID | None]
_Later = aliased(Template)


@dataclass(frozen=True)
class Asked:
    """A delivery that is about to be sent, and what it was last sent with."""

    delivery_id: UUID
    kind: TextKind
    channel: ChannelKind
    organisation_id: UUID
    template_id: UUID | None
    template_version: int | None
    is_first: bool
    """Whether it was not tried yet since its schedule last began."""


# One statement for all that were claimed together.
_NOTE = text(
    """
    UPDATE deliveries AS d SET template_id = noted.template_id, template_version = noted.version
      FROM unnest(:ids, :templates, :versions) AS noted (id, template_id, version)
     WHERE d.id = noted.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("templates", type_=ARRAY(Uuid)),
    bindparam("versions", type_=ARRAY(Integer)),
)


def choose_wordings(
    session: Session, asked: Sequence[Asked], *, most: int
) -> Mapping[UUID, Wording]:
    """The texts of those that are not built in, by delivery; written down for all of them.

    ``most`` is how many segments a text to a phone may take.
    """
    written = [each for each in asked if each.channel in WRITTEN]
    known = _published(session, written) if written else {}

    @cache
    def usable(template: Template) -> bool:
        return is_usable(template, most=most)

    noted: list[tuple[UUID, UUID | None, int | None]] = []
    chosen: dict[UUID, Wording] = {}
    for each in asked:
        found = _chosen(each, known, usable) if each.channel in WRITTEN else None
        if found is not None:
            chosen[each.delivery_id] = wording_of(found)
        version = None if each.channel not in WRITTEN else found.number if found else BUILT_IN
        template_id = found.id if found else None
        if (template_id, version) != (each.template_id, each.template_version):
            noted.append((each.delivery_id, template_id, version))
    if noted:
        ids, templates, versions = map(list, zip(*noted, strict=True))
        session.execute(_NOTE, {"ids": ids, "templates": templates, "versions": versions})
    return chosen


def personal_wording(
    session: Session,
    *,
    kind: PersonalKind,
    organisation_id: UUID,
    language: str,
    most: int,
) -> Wording | None:
    """The text to the phone of somebody of this organisation; none where that is built in."""
    narrowed = and_(
        Template.kind == kind,
        Template.channel == ChannelKind.SMS,
        or_(Template.organisation_id.is_(None), Template.organisation_id == organisation_id),
    )
    found = {each.organisation_id: each for each in latest(session, narrowed)}
    for each in (found.get(organisation_id), found.get(None)):
        if each is not None and not each.is_fallback and is_usable(each, most=most):
            return wording_of(each, language)
    return None


def wording_of(template: Template, language: str = "vi") -> Wording:
    """What a version says; offices are written to in Vietnamese."""
    subject = getattr(template, f"subject_{language}")
    return Wording(subject or "", getattr(template, f"wording_{language}") or "")


def faults_of(template: Template, *, most: int) -> list[tuple[str, Fault]]:
    """What keeps a version from being sent today, each with the field that is at fault."""
    if template.is_fallback:
        return []
    kind, channel = text_kind(template.kind), ChannelKind(template.channel)
    return [
        (f"{each.part}_{language}", each)
        for language in ("vi", "en")
        for each in find_faults(
            kind, channel, wording_of(template, language), words=telling_words(), most=most
        )
    ]


def look_over(session: Session, *, most: int) -> None:
    """Say in the log which published texts are left out, and why: when a sender starts."""
    for each in latest(session):
        is_usable(each, most=most)


def is_usable(template: Template, *, most: int) -> bool:
    """Whether a version may be sent; if not, whoever operates reads why."""
    faults = faults_of(template, most=most)
    if faults:
        logger().error(
            "template_left_out",
            template_id=str(template.id),
            rules=sorted({fault.rule for _, fault in faults}),
            words=sorted({fault.facts["word"] for _, fault in faults if "word" in fault.facts}),
        )
    return not faults


def key_of(template: Template) -> Key:
    """What a version is one of."""
    return template.kind, template.channel, template.organisation_id


def latest(session: Session, *narrowed: ColumnElement[bool]) -> Iterable[Template]:
    """Of each text the version that was published last."""
    is_replaced = exists().where(
        _Later.kind == Template.kind,
        _Later.channel == Template.channel,
        _Later.organisation_id.is_not_distinct_from(Template.organisation_id),
        _Later.state == TemplateState.PUBLISHED,
        _Later.number > Template.number,
    )
    is_published = Template.state == TemplateState.PUBLISHED
    return session.scalars(select(Template).where(is_published, ~is_replaced, *narrowed))


def _published(session: Session, asked: Sequence[Asked]) -> dict[Key | UUID, Template]:
    """By key what was published last, and by id what these were sent with before."""
    organisations = {each.organisation_id for each in asked}
    narrowed = and_(
        among(Template.kind, sorted({each.kind for each in asked})),
        or_(
            Template.organisation_id.is_(None),
            among(Template.organisation_id, sorted(organisations)),
        ),
    )
    found: dict[Key | UUID, Template] = {key_of(each): each for each in latest(session, narrowed)}
    before = {each.template_id for each in asked if each.template_id and not each.is_first}
    if before:
        query = select(Template).where(among(Template.id, sorted(before)))
        found |= {each.id: each for each in session.scalars(query)}
    return found


def _chosen(
    asked: Asked, known: Mapping[Key | UUID, Template], usable: Callable[[Template], bool]
) -> Template | None:
    """The version that is said; none where that is built in."""
    if not asked.is_first and asked.template_version == BUILT_IN:
        return None
    before = known.get(asked.template_id) if asked.template_id and not asked.is_first else None
    own = known.get((asked.kind, asked.channel, asked.organisation_id))
    of_all = known.get((asked.kind, asked.channel, None))
    for each in (before, own, of_all):
        is_said = each is not None and not each.is_fallback and each.channel == asked.channel
        if each is not None and is_said and usable(each):
            return each
    return None
