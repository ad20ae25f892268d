"""A page asked for by somebody who is logged in: what it reads, what it changes, what it shows."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem, ServiceDown
from services.console.pages.done import Done, forget, note, noted
from services.console.pages.edge import Cookies, Kept, LoggedIn, Person, Rendering
from services.console.pages.forms import as_sent
from services.console.pages.known import KnownNames
from services.console.pages.navigation import tabs_of
from services.console.views import Views
from shared.access import Permission, Scope
from shared.contracts.vocabulary import Queue
from shared.kit import pages

OK, FORBIDDEN, NOT_FOUND, CHANGED = 200, 403, 404, 412
OUT_OF_SIGHT = frozenset({FORBIDDEN, NOT_FOUND})


@dataclass(frozen=True)
class Panel:
    """A part of a page, told by one service."""

    told: Any
    """What the service told; ``None`` where there is nothing for this person."""
    is_missing: bool = False
    """Whether the service did not answer: the part says so, and the page stays."""


NOTHING = Panel(None)
"""What this person was not asked to be shown."""


@dataclass(frozen=True, repr=False)
class Visit:
    """One request of a person."""

    request: Request
    views: Views
    person: Person
    cookies: Cookies
    reader: str
    """What colleagues call whoever reads; empty while that cannot be asked for."""

    def may(self, permission: Permission) -> bool:
        """Whether to show a link that needs this permission."""
        return self.person.may(permission)

    async def read(self, service: Queue, path: str, **query: str) -> Any:
        """What an API shows this person; raises ``Problem`` and ``ServiceDown``."""
        return await self.person.read(service, path, **query)

    async def panel(self, service: Queue, path: str, **query: str) -> Panel:
        """The same for a part that the page can do without."""
        return await _part(self.person.read(service, path, **query))

    async def whole(self, service: Queue, path: str, **query: str) -> dict[str, Any]:
        """What an API lists, with the rows of all its pages; raises as ``read``."""
        size = str(pages.MOST)
        said = told = await self.read(service, path, page_size=size, **query)
        rows = list(told["items"])
        while said["next_cursor"]:
            asked = {**query, "cursor": said["next_cursor"]}
            said = await self.read(service, path, page_size=size, **asked)
            rows += said["items"]
        return {**told, "items": rows, "next_cursor": None}

    async def whole_panel(self, service: Queue, path: str, **query: str) -> Panel:
        """The same for a part that the page can do without."""
        return await _part(self.whole(service, path, **query))

    async def change(self, method: str, service: Queue, path: str, **how: Any) -> Any:
        """Have an API do something: ``body``, ``key`` and ``version`` as ``Person.change``."""
        return await self.person.change(method, service, path, **how)

    def page(
        self,
        template: str,
        title: str,
        *,
        problem: Problem | None = None,
        status: int | None = None,
        **facts: Any,
    ) -> HTMLResponse:
        """A page for this person, under the tabs of their roles.

        Where something was refused the page says so, and answers as the API did unless the page
        knows better. What was done just now is said as well, once.
        """
        done = noted(self.request, self.cookies)
        answer = self.views.page(
            self.request,
            template,
            title,
            status=status or (problem.status if problem else OK),
            problem=as_sent(problem, self.request),
            is_logged_in=True,
            tabs=tabs_of(self.person, self.request.url.path),
            may=self.may,
            reader=self.reader,
            done=done,
            **facts,
        )
        if done is not None:
            forget(answer, self.cookies)
        return answer

    def part_of(self, page: str, template: str, **facts: Any) -> str:
        """A part of a page, to be sent by itself; its links lead to that page again."""
        return self.views.part(self.request, template, page=page, again=page, **facts)

    def go(self, path: str, done: Done | None = None) -> RedirectResponse:
        """On to another page, which says what was done: what was sent is not sent again with it."""
        answer = RedirectResponse(path, status_code=303)
        if done is not None:
            note(answer, self.cookies, done)
        return answer


async def _part(asked: Awaitable[Any]) -> Panel:
    try:
        return Panel(await asked)
    except ServiceDown:
        return Panel(None, is_missing=True)
    except Problem as problem:
        if problem.status not in OUT_OF_SIGHT:
            raise
        return Panel(None)


async def visit_of(request: Request, views: Rendering, person: LoggedIn, cookies: Kept) -> Visit:
    """Dependency: whoever is logged in, with this request; raises ``LoggedOut``."""
    return Visit(request, views, person, cookies, await _name_of(request, person))


async def _name_of(request: Request, person: Person) -> str:
    """It stands on what is printed: whoever has paper in their hands knows where it comes from."""
    known: KnownNames = request.app.state.known_names
    told = known.get(person.subject.id)
    if told is None:
        try:
            account = await person.read(Queue.DIRECTORY, "/me")
        except (Problem, ServiceDown):
            return ""
        told = {"id": person.subject.id, "display_name": account["display_name"]}
        known.note(told)
    name: str = told["display_name"]
    return name


Visiting = Annotated[Visit, Depends(visit_of)]


def only_with(permission: Permission, scope: Scope | None = None) -> Any:
    """Dependency of a page that is for whoever has a permission; for others there is no page."""

    async def allowed(visit: Visiting) -> None:
        if not visit.person.may(permission, scope):
            raise HTTPException(FORBIDDEN)

    return Depends(allowed)
