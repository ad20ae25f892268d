"""What was done is said by the page that follows, once, and by no address."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.console.pages.done import DONE, Done, forget, note, noted
from services.console.pages.edge import Cookies
from shared.texts import TextLanguage, of_service

PAGES = Path(__file__).parents[2] / "services" / "console" / "pages"
COOKIES = Cookies(is_secure=True)


def asked(said: str, method: str = "GET") -> Request:
    """A page that is asked for by a browser which has this code."""
    headers = [(b"cookie", f"__Host-{DONE}={said}".encode())]
    return Request({"type": "http", "method": method, "path": "/", "headers": headers})


@pytest.mark.parametrize("language", TextLanguage)
def test_everything_that_a_form_does_has_its_sentence_and_nothing_else_has(
    language: TextLanguage,
) -> None:
    said = of_service("console").vocabularies(language)["done"]
    assert said.keys() == set(Done)
    assert len(set(said.values())) == len(said)
    assert all(each.endswith(".") for each in said.values())


def test_everything_that_can_be_said_is_said_by_some_page() -> None:
    written = "\n".join(path.read_text("utf-8") for path in PAGES.glob("*.py"))
    assert not [each for each in Done if f"Done.{each.name}" not in written]


def test_it_is_kept_for_a_minute_where_no_script_reads_it_and_then_forgotten() -> None:
    answer = Response()
    note(answer, COOKIES, Done.ROLE_GIVEN)
    kept = answer.headers["Set-Cookie"].split("; ")
    assert kept[0] == f"__Host-{DONE}=role_given"
    assert {"HttpOnly", "Max-Age=60", "SameSite=strict", "Secure"} <= set(kept)
    assert noted(asked("role_given"), COOKIES) is Done.ROLE_GIVEN
    said = Response()
    forget(said, COOKIES)
    assert "Max-Age=0" in said.headers["Set-Cookie"]


def test_words_of_somebody_else_are_never_said() -> None:
    assert noted(asked("Hay goi 0900000000"), COOKIES) is None
    assert noted(asked("role_given", "POST"), COOKIES) is None, "the page of a form says its own"
