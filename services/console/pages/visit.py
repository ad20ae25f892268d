"""A page asked for by somebody who is logged in: what it reads, what it changes, what it shows."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem, ServiceDown
from services.console.pages.edge import LoggedIn, Person, Rendering
from services.console.pages.navigation import tabs_of
from services.console.views import Views
from shared.access import Permission

OUT_OF_SIGHT = frozenset({403, 404})


@dataclass(frozen=True)
class Panel:
    """A part of a page, told by one service."""

    told: Any
    """What the service told; ``None`` where there is nothing for this person."""
    is_missing: bool = False
    """Whether the service did not answer: the part says so, and the page stays."""


@dataclass(frozen=True, repr=False)
class Visit:
    """One request of a person."""

    request: Request
    views: Views
    person: Person

    def may(self, permission: Permission) -> bool:
        """Whether to show a link that needs this permission."""
        return self.person.may(permission)

    async def read(self, service: str, path: str, **query: str) -> Any:
        """What an API shows this person; raises ``Problem`` and ``ServiceDown``."""
        return await self.person.read(service, path, **query)

    async def panel(self, service: str, path: str, **query: str) -> Panel:
        """The same for a part that the page can do without."""
        try:
            return Panel(await self.person.read(service, path, **query))
        except ServiceDown:
            return Panel(None, is_missing=True)
        except Problem as problem:
            if problem.status not in OUT_OF_SIGHT:
                raise
            return Panel(None)

    async def change(self, method: str, service: str, path: str, **how: Any) -> Any:
        """Have an API do something: ``body``, ``key`` and ``version`` as ``Person.change``."""
        return await self.person.change(method, service, path, **how)

    def page(self, template: str, title: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """A page for this person, under the tabs of their roles."""
        return self.views.page(
            self.request,
            template,
            title,
            status=status,
            is_logged_in=True,
            tabs=tabs_of(self.person, self.request.url.path),
            may=self.may,
            **facts,
        )

    def part(self, template: str, **facts: Any) -> str:
        """A part of a page, to be sent by itself."""
        return self.views.part(self.request, template, **facts)

    def go(self, path: str) -> RedirectResponse:
        """On to another page: what was sent is not sent again with it."""
        return RedirectResponse(path, status_code=303)


async def visit_of(request: Request, views: Rendering, person: LoggedIn) -> Visit:
    """Dependency: whoever is logged in, with this request; raises ``LoggedOut``."""
    return Visit(request, views, person)


Visiting = Annotated[Visit, Depends(visit_of)]
