"""What the pages share: templates, built files, and whether a form was sent from a page of ours."""

from typing import Annotated

from fastapi import Depends, Request

from services.console.assets import Assets
from services.console.views import Views
from shared.kit.errors import Forbidden


class SentFromElsewhere(Forbidden):
    """A form must be sent from a page of the console."""


async def _views(request: Request) -> Views:
    views: Views = request.app.state.views
    return views


async def _assets(request: Request) -> Assets:
    assets: Assets = request.app.state.assets
    return assets


async def sent_from_here(request: Request) -> None:
    """Dependency of whatever changes anything; raises ``SentFromElsewhere``.

    Browsers say where a request comes from (Fetch Metadata), old ones at least its origin.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    is_ours = site == "same-origin" if site else origin == _own_origin(request)
    if not is_ours:
        raise SentFromElsewhere


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


Rendering = Annotated[Views, Depends(_views)]
Built = Annotated[Assets, Depends(_assets)]
