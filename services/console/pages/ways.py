"""Ways back: to a page of ours, and to the one that somebody wanted before they had to log in."""

import re

from fastapi import Request, Response

from services.console.pages.edge import TEN_MINUTES, Cookies
from services.console.views import address_of

WANTED = "wanted"
"""The cookie that holds the address of a page until somebody is logged in."""
LONGEST = 500
_OWN_PAGE = re.compile(r"/(?![/\\])[\w/.-]*(\?[\w/.=&%+:~-]*)?", re.ASCII)
"""An address of ours: what begins with two slashes leads elsewhere."""


def own_page(address: str) -> str:
    """The same address if it is one of ours; else the first page."""
    return address if _OWN_PAGE.fullmatch(address) else "/"


def note_wanted(request: Request, answer: Response, cookies: Cookies) -> None:
    """Remember which page somebody asked for, who has to log in before they see it.

    What a script asks for is no page; and an address of ours says nothing of anybody.
    """
    address = address_of(request)
    if "text/html" in request.headers.get("accept", "") and len(address) <= LONGEST:
        cookies.keep(answer, WANTED, address, seconds=TEN_MINUTES)


def wanted(request: Request, cookies: Cookies) -> str:
    """The page that was asked for before; the first one if there was none."""
    return own_page(cookies.read(request, WANTED) or "/")
