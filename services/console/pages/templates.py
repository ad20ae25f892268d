"""What notices say: looked at as it would be read, written by one person, published by another."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Path, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission, Scope
from shared.contracts.vocabulary import ChannelKind, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.TEMPLATE_READ)])

HERE = "/templates"
VERSIONS = f"{HERE}/versions"
PARTS = ("subject_vi", "wording_vi", "subject_en", "wording_en")
BACK = "back_to_earlier"
REASONS = (
    "clearer",
    "mistake",
    "law_changed",
    "procedure_changed",
    "partner_asked",
    BACK,
)
Kind = Annotated[str, Path(pattern=r"^vn(\.[a-z_]+)+\.v1$")]
"""What a notice tells, as the events are called; which there are the API knows."""
DONE = {"publications": Done.TEMPLATE_PUBLISHED, "discards": Done.TEMPLATE_DISCARDED}


class Written(Sent):
    """A text in both languages, and why it is written."""

    subject_vi: str = ""
    wording_vi: str = ""
    subject_en: str = ""
    wording_en: str = ""
    reason: str = ""

    def body(self) -> dict[str, Any]:
        """As the API takes it: a text that was left empty is none."""
        return {"reason": self.reason, **{name: getattr(self, name) or None for name in PARTS}}


@router.get(HERE)
async def list_templates(visit: Visiting, organisation_id: str = "") -> HTMLResponse:
    """Every kind of notice: of one's own organisation, of another, or of all."""
    whose = organisation_id or _own(visit)
    found = await visit.read(Queue.NOTIFICATION, HERE, organisation_id=whose)
    kinds: dict[str, list[Any]] = {}
    for each in found["items"]:
        kinds.setdefault(each["kind"], []).append(each)
    return visit.page(
        "templates.html",
        "templates-title",
        kinds=kinds,
        whose=whose,
        names=await names_of(visit, [whose]),
        place=lambda it: _place(it["kind"], it["channel"], whose),
    )


@router.get(f"{VERSIONS}/{{version_id}}")
async def show_version(version_id: UUID, visit: Visiting) -> HTMLResponse:
    """One version as it would be read, and what can be done with it."""
    return await _version_page(visit, version_id)


@router.get(f"{VERSIONS}/{{version_id}}/edit")
async def edit_version(version_id: UUID, visit: Visiting) -> HTMLResponse:
    """A draft of one's own, to be written on."""
    known = await visit.read(Queue.NOTIFICATION, f"/template-versions/{version_id}")
    action = f"{VERSIONS}/{version_id}"
    return await _form_page(visit, known, known, action=action, version=str(known["version"]))


@router.post(f"{VERSIONS}/{{version_id}}", dependencies=[FromHere])
async def change_version(
    version_id: UUID, form: Annotated[Written, Form()], visit: Visiting
) -> Response:
    """Keep what a draft says now."""
    path, action = f"/template-versions/{version_id}", f"{VERSIONS}/{version_id}"
    how: Any = {"body": form.body(), "key": form.key, "version": form.version}
    try:
        await visit.change("PUT", Queue.NOTIFICATION, path, **how)
    except Problem as problem:
        known = await visit.read(Queue.NOTIFICATION, path)
        typed = form.model_dump()
        return await _form_page(
            visit, known, typed, action=action, version=form.version, problem=problem
        )
    return visit.go(action, Done.TEMPLATE_SAVED)


@router.post(f"{VERSIONS}/{{version_id}}/{{act}}", dependencies=[FromHere])
async def settle_version(
    version_id: UUID,
    act: Literal["publications", "discards"],
    form: Annotated[Sent, Form()],
    visit: Visiting,
) -> Response:
    """Publish a draft that somebody else wrote, as it was read; or give one up."""
    path = f"/template-versions/{version_id}/{act}"
    how: Any = {"key": form.key} | ({"version": form.version} if act == "publications" else {})
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, **how)
    except Problem as problem:
        return await _version_page(visit, version_id, problem=problem)
    return visit.go(f"{VERSIONS}/{version_id}", DONE[act])


@router.get(f"{HERE}/{{kind}}/{{channel}}")
async def show_template(
    kind: Kind, channel: ChannelKind, visit: Visiting, organisation_id: str = "", cursor: str = ""
) -> HTMLResponse:
    """What is said now, the draft that waits, and every version before."""
    return await _template_page(visit, kind, channel, organisation_id, cursor=cursor)


@router.get(f"{HERE}/{{kind}}/{{channel}}/new")
async def write_template(
    kind: Kind,
    channel: ChannelKind,
    visit: Visiting,
    organisation_id: str = "",
    after: UUID | None = None,
) -> HTMLResponse:
    """A draft to be begun: from what is said now, or from an earlier version."""
    known = await _template(visit, kind, channel, organisation_id)
    earlier = await visit.read(Queue.NOTIFICATION, f"/template-versions/{after}") if after else None
    said = known if earlier is None or earlier["is_fallback"] else earlier
    typed = {name: said[name] for name in PARTS}
    reason = BACK if earlier else ""
    action = _place(kind, channel, organisation_id)
    return await _form_page(visit, known, typed | {"reason": reason}, action=action)


@router.post(f"{HERE}/{{kind}}/{{channel}}", dependencies=[FromHere])
async def begin_template(
    kind: Kind,
    channel: ChannelKind,
    form: Annotated[Written, Form()],
    visit: Visiting,
    organisation_id: str = "",
) -> Response:
    """Keep a draft, to be published by somebody else."""
    draft = _draft_of(kind, channel, organisation_id) | form.body()
    try:
        made = await _begin(visit, draft, form)
    except Problem as problem:
        known = await _template(visit, kind, channel, organisation_id)
        action = _place(kind, channel, organisation_id)
        return await _form_page(visit, known, form.model_dump(), action=action, problem=problem)
    return visit.go(f"{VERSIONS}/{made['id']}", Done.TEMPLATE_SAVED)


@router.post(f"{HERE}/{{kind}}/{{channel}}/back", dependencies=[FromHere])
async def go_back(
    kind: Kind,
    channel: ChannelKind,
    form: Annotated[Sent, Form()],
    visit: Visiting,
    organisation_id: str = "",
) -> Response:
    """Begin a draft that says nothing, so that what stands below it is said again."""
    draft = _draft_of(kind, channel, organisation_id) | {"reason": BACK}
    try:
        made = await _begin(visit, draft, form)
    except Problem as problem:
        return await _template_page(visit, kind, channel, organisation_id, problem=problem)
    return visit.go(f"{VERSIONS}/{made['id']}", Done.TEMPLATE_SAVED)


def _own(visit: Visit) -> str:
    """Whose texts are shown where nobody's are named: who changes those of all sees these."""
    is_over_all = visit.person.may(Permission.TEMPLATE_CHANGE, Scope.ALL)
    return "" if is_over_all else str(visit.person.subject.organisation_id)


def _place(kind: str, channel: str, organisation_id: str | None, what: str = "") -> str:
    of = f"?{urlencode({'organisation_id': organisation_id})}" if organisation_id else ""
    return f"{HERE}/{kind}/{channel}{what}{of}"


def _draft_of(kind: str, channel: str, organisation_id: str) -> dict[str, Any]:
    return {"kind": kind, "channel": channel, "organisation_id": organisation_id or None}


async def _begin(visit: Visit, draft: Mapping[str, Any], form: Sent) -> Any:
    path = "/template-versions"
    return await visit.change("POST", Queue.NOTIFICATION, path, body=draft, key=form.key)


async def _template(visit: Visit, kind: str, channel: str, organisation_id: str) -> Any:
    path = f"{HERE}/{kind}/{channel}"
    return await visit.read(Queue.NOTIFICATION, path, organisation_id=organisation_id)


async def _template_page(
    visit: Visit,
    kind: str,
    channel: str,
    organisation_id: str,
    *,
    cursor: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    known = await _template(visit, kind, channel, organisation_id)
    asked = {"kind": kind, "channel": channel, "organisation_id": organisation_id}
    history = await visit.read(Queue.NOTIFICATION, "/template-versions", **asked, cursor=cursor)
    return visit.page(
        "template.html",
        "templates-title",
        problem=problem,
        it=known,
        history=history,
        is_later=bool(cursor),
        people=await _people(visit, history["items"]),
        names=await names_of(visit, [organisation_id]),
        here=_place(kind, channel, organisation_id),
        new=_place(kind, channel, organisation_id, "/new"),
        back=_place(kind, channel, organisation_id, "/back"),
        may_change=_may_change(visit, organisation_id),
    )


async def _version_page(
    visit: Visit, version_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    known = await visit.read(Queue.NOTIFICATION, f"/template-versions/{version_id}")
    whose = known["organisation_id"]
    of = (known["kind"], known["channel"], whose)
    again = _place(*of, "/new")
    return visit.page(
        "template_version.html",
        "template-version-title",
        problem=problem,
        it=known,
        people=await _people(visit, [known]),
        names=await names_of(visit, [whose]),
        here=_place(*of),
        again_from=f"{again}{'&' if whose else '?'}after={known['id']}",
        may_change=_may_change(visit, whose),
    )


async def _form_page(
    visit: Visit,
    known: Mapping[str, Any],
    typed: Mapping[str, Any],
    *,
    action: str,
    version: str | None = None,
    problem: Problem | None = None,
) -> HTMLResponse:
    of = (known["kind"], known["channel"], known["organisation_id"])
    declared = await _template(visit, of[0], of[1], of[2] or "")
    return visit.page(
        "template_edit.html",
        "template-edit-title",
        problem=problem,
        it=declared,
        typed=typed,
        reasons=REASONS,
        action=action,
        version=version,
        names=await names_of(visit, [of[2]]),
        here=_place(*of),
    )


def _may_change(visit: Visit, organisation_id: str | None) -> bool:
    """Whether to show what changes it; the API decides."""
    if visit.person.may(Permission.TEMPLATE_CHANGE, Scope.ALL):
        return True
    return organisation_id == str(visit.person.subject.organisation_id)


async def _people(visit: Visit, versions: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """What those are called who wrote and published; who is of another organisation is not named.

    Only a manager reads by name who works in the own organisation.
    """
    if not visit.may(Permission.STAFF_READ):
        return {}
    listed = await visit.whole_panel(Queue.DIRECTORY, "/staff")
    named = {
        f"staff:{it['id']}": it["display_name"] for it in (listed.told or {"items": ()})["items"]
    }
    actors = {actor for it in versions for actor in (it["made_by"], it["concluded_by"])}
    return {actor: name for actor, name in named.items() if actor in actors}
