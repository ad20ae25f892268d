"""Pages out of templates, in the reader's language, under one policy of what they may load."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.routing import iter_route_contexts
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.console.assets import Assets
from shared.kit.clock import HAI_PHONG, local_date, utc_now
from shared.places.units import meaning
from shared.texts import TextLanguage, accepted, of_service

TEMPLATES = Path(__file__).with_name("templates")
VOCABULARY = "page"
"""Of the console's own texts in its catalogues."""
COOKIE = "language"
NOBODY: Mapping[str, Any] = {
    "is_logged_in": False,
    "tabs": (),
    "problem": None,
    "tab_counts": {},
    "done": None,
    "reader": "",
}
"""What a page is shown with unless it says otherwise."""

GUARDED = {
    # Nothing inline, nothing from elsewhere, in no frame (CSP level 3).
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer of the console says of itself."""


class Views:
    """Renders templates; what a template does not know is a fault, not an empty place."""

    def __init__(self, assets: Assets, *, is_sandbox: bool = False, help_number: str = "") -> None:
        self._texts = of_service("console")
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "asset": assets.address,
            "fresh_key": lambda: str(uuid4()),
            "instant": _instant,
            "day": _day,
            "unit": _unit,
            "money": _money,
            "is_sandbox": is_sandbox,
            "help_number": help_number,
            "now": lambda: utc_now().isoformat(),
        }

    def page(
        self, request: Request, template: str, title: str, *, status: int = 200, **facts: Any
    ) -> HTMLResponse:
        """A page; ``title`` is the code of its title among the console's texts."""
        language = language_of(request)
        rendered = self.part(
            request,
            template,
            title=self.speaker(language)(title),
            other_language=other_than(language),
            **{**NOBODY, **facts},
        )
        answer = HTMLResponse(rendered, status_code=status)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Language"] = language
        return answer

    def part(self, request: Request, template: str, **facts: Any) -> str:
        """A template in the reader's language, which may be a part of a page."""
        language = language_of(request)
        say = self.speaker(language)
        always = {
            "say": say,
            "named": partial(_word, language, "directory"),
            "word": partial(_word, language),
            "choices": partial(_choices, language),
            "name_of": partial(name_in, language),
            "law": partial(law, say),
            "law_note": partial(law_note, language),
            "language": language,
            "page": request.url.path,
            "again": address_of(request),
            # What a page asks, which its forms note as they are drawn (components/forms.html).
            "drawn": {},
        }
        return self._environment.get_template(template).render({**always, **facts})

    def speaker(self, language: TextLanguage) -> Callable[..., str]:
        """What gives a text of the console in this language."""
        return partial(self._texts.say, language, VOCABULARY)


def language_of(request: Request) -> TextLanguage:
    """The language that was chosen here, else the one that the browser asks for."""
    chosen = request.cookies.get(COOKIE)
    if chosen in {language.value for language in TextLanguage}:
        return TextLanguage(chosen)
    return accepted(request.headers.getlist("accept-language"))


def address_of(request: Request) -> str:
    """Where a page can be asked for again: its own address, or the page above what answers a form.

    What answers a form alone is no page: whoever opened its address would be refused.
    """
    if request.method in {"GET", "HEAD"}:
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    route = request.scope.get("route")
    declared, path = str(getattr(route, "path", "")), request.url.path
    pages = {
        str(it.path)
        for it in iter_route_contexts(request.app.routes)
        if "GET" in (it.methods or ())
    }
    while declared and declared not in pages:
        declared, path = declared.rpartition("/")[0], path.rpartition("/")[0]
    return path if declared else "/"


def name_in(language: TextLanguage, told: Mapping[str, Any], whose: str = "") -> str:
    """The name of something that has one in each language; ``whose`` stands before the field."""
    name: str = told[f"{whose}name_{language}"]
    return name


def other_than(language: TextLanguage) -> TextLanguage:
    """The language to change to."""
    return next(each for each in TextLanguage if each is not language)


def _unit(code: str) -> str:
    """The name of an administrative unit of today; a code that is not known speaks for itself."""
    known = meaning(code, local_date(utc_now()))
    return known.name if known else code


def _instant(told: str) -> str:
    """An instant as it is read here: day, month, year and time of Hải Phòng."""
    return datetime.fromisoformat(told).astimezone(HAI_PHONG).strftime("%d/%m/%Y %H:%M")


def _day(told: str) -> str:
    """A day as it is read here; of an instant, its day in Hải Phòng."""
    if len(told) > len("2026-01-01"):
        return local_date(datetime.fromisoformat(told)).strftime("%d/%m/%Y")
    return date.fromisoformat(told).strftime("%d/%m/%Y")


def _money(dong: int) -> str:
    """An amount of đồng."""
    return f"{dong:,} ₫".replace(",", ".")


def _word(language: TextLanguage, service: str, vocabulary: str, code: str, **facts: Any) -> str:
    """What a service calls a code of one of its vocabularies."""
    return of_service(service).say(language, vocabulary, code, **facts)


KINDS_OF_TEXT = frozenset(
    {
        "civil-code",
        "circular",
        "decree",
        "joint-circular",
        "law",
        "law-on-complaints",
        "legal-aid-law",
    }
)
"""What the rows name a text by, before its number; each has a text of its own here."""
_TEXT_OF_LAW = re.compile(
    r"([A-Z][A-Za-z ]*) (\d[\w/-]*)(?: Arts?\.? (\d[\w().-]*(?:, \d[\w().-]*)*))?"
)
UNFOUND = {"none": "text-none", "not found": "text-not-found"}
"""What stands in the place of a text, and its own text here."""


def law(say: Callable[..., str], legal_ref: str) -> str:
    """The texts something rests on, in the reader's language, without what is noted beside them."""
    named = [text for each in legal_ref.split("; ") if (text := _text_of_law(say, each))]
    unfound = next((code for begun, code in UNFOUND.items() if legal_ref.startswith(begun)), None)
    return "; ".join(named) or (say(unfound) if unfound else legal_ref)


def law_note(language: TextLanguage, legal_ref: str) -> str:
    """What is noted beside those texts, in the reader's language; nothing where nothing is."""
    return of_service("console").vocabularies(language)["legal_note"].get(legal_ref, "")


def _text_of_law(say: Callable[..., str], legal_ref: str) -> str | None:
    found = _TEXT_OF_LAW.match(legal_ref)
    if found is None:
        return None
    kind, number, article = found.groups()
    slug = kind.lower().replace(" ", "-")
    if slug not in KINDS_OF_TEXT:
        return None
    text = f"{say(f'text-{slug}')} {number}"
    return say("text-article", text=text, article=article.rstrip(".")) if article else text


def _choices(
    language: TextLanguage, service: str, vocabulary: str, codes: Iterable[str]
) -> list[tuple[str, str]]:
    """Codes to choose from, each with what a service calls it."""
    return [(code, _word(language, service, vocabulary, code)) for code in codes]
