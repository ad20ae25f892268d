"""The audit of one case over HTTP, the same in every service that keeps something of cases."""

from collections.abc import Mapping
from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, JsonValue

from shared.access import Permission
from shared.access.asking import permitted
from shared.auditing.reading import Entry, EntryKind, Trail, find_entries
from shared.contracts.sample import AUDIT_ENTRY_LIST
from shared.kit.http import NotedRead, Now
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Id, Shape, shown
from shared.kit.subjects import Subject


class AuditEntryRead(Shape):
    """What somebody did in a case, read of it, or was refused. It names nobody."""

    id: UUID
    """The id of the entry; of two entries, of whichever service, the later one has the greater id.
    """
    kind: EntryKind
    """Whether somebody was shown something, something was done, or it was refused."""
    at: AwareDatetime
    """When it was done, read or refused."""
    actor: str
    """Who it was: `client:` and a client's id, `staff:` and the id of an account, `office:` and the
    id of the organisation whose office answered from a mail, `message:` and a type, or `sweep:` and
    a name. The directory says whose they are at `/directory/v1/actors`.
    """
    action: str
    """What was done, as a code; of what was read, and of most refusals, the method and the address.
    """
    object_id: UUID
    """The id of the thing that it was done to: the case, or something that belongs to it."""
    outcome: str
    """How it ended: `done`, or why it was refused, as a code."""
    purpose: str | None
    """The purpose for which it was done, as a code; unset where none is asked for."""
    facts: Mapping[str, JsonValue]
    """The ids, codes and counts that say more of it. `times` counts the reads or refusals of one
    kind within an hour, of which a few are entries.
    """

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The entry as it is told."""
        facts = dict(entry.facts)
        return cls(
            at=entry.recorded_at,
            purpose=facts.pop("purpose", None),
            facts=facts,
            **{name: getattr(entry, name) for name in ENTRY},
        )


ENTRY = ("id", "kind", "actor", "action", "object_id", "outcome")


class AuditEntryList(Shape):
    """A page of entries, newest first."""

    model_config = shown(AUDIT_ENTRY_LIST)

    items: list[AuditEntryRead]
    """The entries of this page, newest first."""
    next_cursor: Cursor


def audit_routes(trail: Trail) -> Router:
    """The route of a service that keeps this of cases."""
    routes = Router(tags=["audit"])

    @routes.get("/audit-entries", responses=refusals(401, 403, 422))
    def list_audit_entries(
        *,
        read: NotedRead,
        auditor: Annotated[Subject, Depends(permitted(Permission.AUDIT_READ))],
        now: Now,
        page: PageParams,
        case_id: Annotated[Id, Query(description="The case whose entries these are.")],
        before: Annotated[
            Id | None,
            Query(
                description="Only entries older than this one, which may be another service's:"
                " so the entries of several services are read in one order."
            ),
        ] = None,
        kind: Annotated[
            EntryKind | None,
            Query(description="Only entries of this kind: `seen` answers who saw what."),
        ] = None,
    ) -> AuditEntryList:
        """List who did or read what in a case, newest first (role auditor, for its areas).

        Reading is an entry too, of whoever reads here as well.
        """
        bounds = [each for each in (page.after, before) if each is not None]
        found = find_entries(
            read.session,
            trail,
            subject=auditor,
            case_id=case_id,
            before=min(bounds, default=None),
            size=page.reach,
            now=now,
            kind=kind,
        )
        part = page.of(found)
        read.lists(part.rows, of=case_id)
        items = [AuditEntryRead.of(each) for each in part.rows]
        return AuditEntryList(items=items, next_cursor=part.next_cursor)

    return routes
