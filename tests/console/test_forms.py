"""What was left empty is said to be missing, and which field it is."""

from collections.abc import Mapping

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from services.console.assets import Assets
from services.console.clients import Problem
from services.console.pages.forms import as_sent
from services.console.views import Views
from shared.texts import TextLanguage, of_service

NO_DAY = of_service("console").say(TextLanguage.VIETNAMESE, "typed_rule", "date_parsing")
EMPTY = {"pointer": "/user_name", "rule": "string_too_short", "min_length": 1, "message": "?"}


def refused(*errors: Mapping[str, object]) -> Problem:
    return Problem(422, "invalid-request", "Có mục sai.", {"errors": list(errors)})


def sent(**fields: str) -> Request:
    """A form as it came in, shown on a page of its own address."""
    request = Request({"type": "http", "method": "GET", "path": "/log-in", "headers": []})
    request.state.form = FormData(fields)
    return request


@pytest.mark.parametrize(("typed", "is_missing"), [("", True), ("  ", True), ("31/2/2026", False)])
def test_an_empty_field_is_missing_though_an_api_sees_a_day_that_is_none(
    typed: str, *, is_missing: bool
) -> None:
    error = {"pointer": "/valid_from", "rule": "date_parsing", "message": NO_DAY}
    problem = as_sent(refused(error), sent(valid_from=typed, role="provider"))
    assert problem is not None
    wrong = problem.at("valid_from")
    assert wrong is not None
    assert (wrong.is_missing, wrong.said) == (is_missing, NO_DAY)
    assert problem.at("role") is None


def test_the_summary_and_the_field_say_in_the_same_words_which_field_is_missing() -> None:
    short = {"pointer": "/password", "rule": "string_too_short", "message": "Ngắn quá."}
    answer = Views(Assets.built()).page(
        sent(),
        "log_in.html",
        "log-in-title",
        user_name="",
        problem=refused(EMPTY, short),
        is_from_elsewhere=False,
    )
    page = bytes(answer.body).decode()
    assert '<a href="#user_name">Chưa điền mục “Tên đăng nhập”.</a>' in page
    assert '<a href="#password">Mật khẩu: Ngắn quá.</a>' in page
    summary, _, form = page.partition("<h1")
    assert "Chưa điền mục “Tên đăng nhập”." in form
    assert "Mật khẩu: Ngắn quá." not in form
    assert summary.index("govuk-error-summary") > summary.index("<main")
