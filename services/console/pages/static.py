"""The built files, and the one page that a browser keeps for when there is no network."""

from fastapi import Request, Response
from starlette.responses import HTMLResponse

from services.console.pages.edge import Built, Rendering
from shared.kit.errors import NotFound
from shared.kit.routing import Router

router = Router(include_in_schema=False)


class FileNotFound(NotFound):
    """No file of this name was built."""


@router.get("/static/{file}")
def give_file(file: str, assets: Built, request: Request) -> Response:
    """A style, a script, or a notice of whom they are from."""
    found = assets.response(file, request.headers)
    if found is None:
        raise FileNotFound
    # A worker serves the folder that it lies in, unless its answer says otherwise.
    found.headers["Service-Worker-Allowed"] = "/"
    return found


@router.get("/offline")
def show_offline(request: Request, views: Rendering) -> HTMLResponse:
    """What is shown when there is no network; it knows nothing of anybody."""
    return views.page(request, "offline.html", "offline-title")
