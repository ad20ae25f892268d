"""The other language: chosen by a button on every page, kept by the browser."""

from typing import Annotated

from fastapi import Form
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse

from services.console.pages.edge import A_YEAR, FromHere
from services.console.pages.ways import own_page
from services.console.views import COOKIE
from shared.kit.routing import Router
from shared.texts import TextLanguage

router = Router()


class Choice(BaseModel):
    """The language, and the page to go back to."""

    model_config = ConfigDict(extra="forbid")

    language: TextLanguage
    page: str = "/"


@router.post("/language", include_in_schema=False, dependencies=[FromHere])
def choose_language(choice: Annotated[Choice, Form()]) -> RedirectResponse:
    """Remember the language in this browser, and go back."""
    answer = RedirectResponse(own_page(choice.page), status_code=303)
    answer.set_cookie(COOKIE, choice.language, max_age=A_YEAR, httponly=True, samesite="lax")
    return answer
