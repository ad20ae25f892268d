"""The first page: whoever is logged in comes to their account, anybody else to the log-in."""

from fastapi import Request
from starlette.responses import RedirectResponse

from services.console.pages.edge import SESSION, Kept
from shared.kit.routing import Router

router = Router(include_in_schema=False)


@router.get("/")
async def go_on(request: Request, cookies: Kept) -> RedirectResponse:
    """There is nothing here itself yet."""
    is_known = cookies.read(request, SESSION) is not None
    return RedirectResponse("/account" if is_known else "/log-in", status_code=303)
