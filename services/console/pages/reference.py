"""The reference of the five APIs, and the catalogue of their problems: for who builds a client."""

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import HTMLResponse

from services.console.pages.edge import Rendering
from services.console.pages.services import Named
from services.console.views import language_of
from shared.contracts import Queue
from shared.kit.routing import Router
from shared.texts import TextLanguage, of_service, shared_texts

router = Router()

PROBLEM = "problem"
"""The vocabulary of problems in every catalogue."""


@dataclass(frozen=True)
class Problem:
    """A problem type and its title."""

    code: str
    title: str


@dataclass(frozen=True)
class Part:
    """The problems of one service, or of all."""

    anchor: str
    name: str
    problems: list[Problem]


@router.get("/docs", include_in_schema=False)
def show_reference(request: Request, views: Rendering) -> HTMLResponse:
    """What each service is for, and where its reference is."""
    return views.page(request, "reference.html", "reference-title", services=Queue)


@router.get("/docs/problems", include_in_schema=False)
def show_problems(request: Request, views: Rendering) -> HTMLResponse:
    """Every problem type with its title."""
    language = language_of(request)
    of_all = _problems(shared_texts().vocabularies(language).get(PROBLEM, {}))
    say = views.speaker(language)
    parts = [Part("all", say("problems-of-all"), of_all)]
    parts += [Part(each.segment, each.segment, _own(each, language)) for each in Queue]
    return views.page(request, "problems.html", "problems-title", parts=parts)


@router.get("/docs/{service}", include_in_schema=False)
def show_viewer(service: Named, request: Request, views: Rendering) -> HTMLResponse:
    """Every route of one service, to read and to try."""
    return views.page(request, "viewer.html", "reference-title", service=service, services=Queue)


def _own(service: Queue, language: TextLanguage) -> list[Problem]:
    shared = shared_texts().vocabularies(language).get(PROBLEM, {})
    every = of_service(service).vocabularies(language).get(PROBLEM, {})
    return _problems({code: title for code, title in every.items() if code not in shared})


def _problems(titles: dict[str, str]) -> list[Problem]:
    return [Problem(code, title) for code, title in sorted(titles.items())]
