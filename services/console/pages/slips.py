"""A slip that lets somebody into an account, to be printed and handed over."""

from collections.abc import Mapping
from typing import Any

import segno
from markupsafe import Markup
from starlette.responses import HTMLResponse

from services.console.pages.edge import Rules
from services.console.pages.visit import Visit


def slip_page(
    visit: Visit,
    rules: Rules,
    made: Mapping[str, Any],
    whose: Mapping[str, Any],
    *,
    back: str,
) -> HTMLResponse:
    """The code, also as an address and as a picture of it; nobody can show it again."""
    address = f"{rules.public_url}/log-in/link/{made['code']}"
    drawn = segno.make(address, micro=False).svg_inline(
        scale=4, dark="#000", light="#fff", border=2
    )
    return visit.page(
        "slip.html",
        "slip-title",
        code=made["code"],
        address=f"{rules.public_url}/log-in/link",
        picture=Markup(drawn),  # noqa: S704 - ours
        expires_at=made["link_expires_at"],
        whose=whose,
        back=back,
    )
