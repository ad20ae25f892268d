"""The built files."""

from fastapi import Request, Response

from services.console.pages.edge import Built
from shared.kit.errors import NotFound
from shared.kit.routing import Router

router = Router()


class FileNotFound(NotFound):
    """No file of this name was built."""


@router.get("/static/{file}", include_in_schema=False)
def give_file(file: str, assets: Built, request: Request) -> Response:
    """A style, a script, or a notice of whom they are from."""
    found = assets.response(file, request.headers)
    if found is None:
        raise FileNotFound
    return found
