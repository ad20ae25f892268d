"""What notices say: read, written by one person and published by another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification.domain import previews, templates
from services.notification.domain.templates import DraftFacts, Said, Standing, TemplateKey
from services.notification.policy import TextKind
from services.notification.policy.templates import Wording, declared
from services.notification.schemas.templates import (
    DeclaredRead,
    PreviewRead,
    TemplateChange,
    TemplateCreate,
    TemplateDraft,
    TemplateList,
    TemplateRead,
    TemplateSummary,
    TemplateVersion,
    TemplateVersionList,
    TemplateVersionRead,
)
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import ChannelKind
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions
from shared.texts import TextLanguage

router = Router(tags=["templates"])

VersionId = Annotated[Id, Path(description="The id of the version.")]
Kind = Annotated[TextKind, Path(description="What the notice tells.")]
Channel = Annotated[ChannelKind, Path(description="The way by which it is told.")]
OfOrganisation = Annotated[
    Id | None, Query(description="As this organisation is told; left out, as all are.")
]
Reader = Annotated[Subject, Depends(permitted(Permission.TEMPLATE_READ))]
Writer = Annotated[Subject, Depends(permitted(Permission.TEMPLATE_CHANGE))]
Publisher = Annotated[Subject, Depends(permitted(Permission.TEMPLATE_PUBLISH))]
Expected = Annotated[Versions, Depends(expected_versions)]
READING = refusals(401, 403, 404, 422)
CHANGING = refusals(400, 401, 403, 404, 409, 412, 422, 428)


def _most_of(request: Request) -> int:
    most: int = request.app.state.sms_most_segments
    return most


Most = Annotated[int, Depends(_most_of)]


@router.get("/templates", responses=READING)
def list_templates(
    session: ReadSession, caller: Reader, most: Most, organisation_id: OfOrganisation = None
) -> TemplateList:
    """List what notices say: each kind on each channel, and whether a draft waits."""
    found = templates.find_standings(
        session, subject=caller, organisation_id=organisation_id, most=most
    )
    return TemplateList(items=[TemplateSummary(**_summary(each)) for each in found])


@router.get("/templates/{kind}/{channel}", responses=READING)
def read_template(  # noqa: PLR0917 - what a route is asked with
    kind: Kind,
    channel: Channel,
    session: ReadSession,
    caller: Reader,
    most: Most,
    organisation_id: OfOrganisation = None,
) -> TemplateRead:
    """Read what is said now, as it would be read, and which facts a text has places for."""
    key = TemplateKey(kind, channel, organisation_id)
    found = templates.find_standing(session, subject=caller, key=key, most=most)
    places = [DeclaredRead.model_validate(each) for each in declared(kind, channel)]
    return TemplateRead(
        **_summary(found),
        **_fields(found.said),
        placeholders=places,
        most_segments=most,
        previews=_previews(channel, found.said, most),
    )


@router.get("/template-versions", responses=READING)
def list_template_versions(
    *,
    session: ReadSession,
    caller: Reader,
    page: PageParams,
    kind: Annotated[TextKind, Query(description="What the notice tells.")],
    channel: Annotated[ChannelKind, Query(description="The way by which it is told.")],
    organisation_id: OfOrganisation = None,
) -> TemplateVersionList:
    """List the history of a text: every version, the newest first, who wrote it and why."""
    key = TemplateKey(kind, channel, organisation_id)
    found = templates.find_versions(
        session, subject=caller, key=key, after=page.after, size=page.reach
    )
    part = page.of(found)
    items = [TemplateVersion(**_version(each, caller)) for each in part.rows]
    return TemplateVersionList(items=items, next_cursor=part.next_cursor)


@router.get("/template-versions/{version_id}", responses=READING)
def read_template_version(
    version_id: VersionId,
    session: ReadSession,
    caller: Reader,
    most: Most,
    response: Response,
) -> TemplateVersionRead:
    """Read a version as it would be read; its ETag is what publishing it sends as If-Match."""
    found = templates.find_version(session, subject=caller, version_id=version_id)
    response.headers["ETag"] = etag(found.version)
    said = templates.said_by(session, found)
    return TemplateVersionRead(
        **_version(found, caller), previews=_previews(ChannelKind(found.channel), said, most)
    )


@router.post(
    "/template-versions",
    status_code=201,
    response_model=TemplateVersion,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def create_template_version(
    body: TemplateCreate, once: OnceOnly, caller: Writer, most: Most
) -> JSONResponse:
    """Begin a draft of a text, or of none: then what stands below it is said.

    It is refused if it lacks a fact or names one that there is none, in either language, takes too
    many segments, or has a word that may not be on a phone; the answer names the word.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = templates.begin_draft(
            session,
            subject=caller,
            key=TemplateKey(body.kind, body.channel, body.organisation_id),
            facts=_facts(body),
            most=most,
            now=now,
        )
        return _answer(201, made, caller)

    return once.answer(act)


@router.put("/template-versions/{version_id}", response_model=TemplateVersion, responses=CHANGING)
def replace_template_version(
    *,
    version_id: VersionId,
    body: TemplateChange,
    once: OnceOnly,
    caller: Writer,
    version: Expected,
    most: Most,
) -> JSONResponse:
    """Say something else in a draft that you have begun."""

    def act(session: Session, now: datetime) -> Answer:
        changed = templates.change_draft(
            session,
            subject=caller,
            version_id=version_id,
            facts=_facts(body),
            expected_version=version,
            most=most,
            now=now,
        )
        return _answer(200, changed, caller)

    return once.answer(act)


@router.post(
    "/template-versions/{version_id}/publications",
    status_code=201,
    response_model=TemplateVersion,
    responses=CHANGING,
)
def publish_template_version(
    *, version_id: VersionId, once: OnceOnly, caller: Publisher, version: Expected, most: Most
) -> JSONResponse:
    """Have a draft that somebody else wrote said from now on, as you have read it."""

    def act(session: Session, now: datetime) -> Answer:
        published = templates.publish_draft(
            session,
            subject=caller,
            version_id=version_id,
            expected_version=version,
            most=most,
            now=now,
        )
        return _answer(201, published, caller)

    return once.answer(act)


@router.post(
    "/template-versions/{version_id}/discards",
    status_code=201,
    response_model=TemplateVersion,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def discard_template_version(version_id: VersionId, once: OnceOnly, caller: Writer) -> JSONResponse:
    """Give a draft up; it stays in the history, and is never said."""

    def act(session: Session, now: datetime) -> Answer:
        given_up = templates.discard_draft(session, subject=caller, version_id=version_id, now=now)
        return _answer(201, given_up, caller)

    return once.answer(act)


def _facts(body: TemplateDraft) -> DraftFacts:
    typed = body.model_dump()
    parts = [
        typed[f"{part}_{language}"] for part in ("subject", "wording") for language in TextLanguage
    ]
    said = {
        language: Wording(typed[f"subject_{language}"] or "", typed[f"wording_{language}"] or "")
        for language in TextLanguage
    }
    return DraftFacts(body.reason, said if any(parts) else None)


def _summary(standing: Standing) -> dict[str, Any]:
    return {
        "kind": standing.key.kind,
        "channel": standing.key.channel,
        "organisation_id": standing.key.organisation_id,
        "version_id": standing.version_id,
        "number": standing.number,
        "is_own": standing.is_own,
        "draft_id": standing.draft_id,
        "left_out_id": standing.left_out_id,
    }


def _fields(said: Said) -> Mapping[str, Any]:
    return {
        f"{part}_{language}": text
        for language, wording in said.items()
        for part, text in (("subject", wording.subject or None), ("wording", wording.text))
    }


def _previews(channel: ChannelKind, said: Said, most: int) -> list[PreviewRead]:
    found = previews.previews(channel, said, most=most)
    return [PreviewRead.model_validate(each) for each in found]


def _version(found: Any, caller: Subject) -> dict[str, Any]:
    names = TemplateVersion.model_fields.keys() - {"is_mine"}
    return {name: getattr(found, name) for name in names} | {
        "is_mine": found.made_by == caller.actor
    }


def _answer(status: int, found: Any, caller: Subject) -> Answer:
    read = TemplateVersion.model_validate(_version(found, caller))
    place = f"/notification/v1/template-versions/{found.id}"
    headers = {"Location": place, "ETag": etag(found.version)}
    return Answer(status, read.model_dump(mode="json"), headers)
