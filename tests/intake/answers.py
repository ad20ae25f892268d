"""How tests of the API submit, and what they read from an answer."""

from collections.abc import Callable

from httpx2 import Response

CASES = "/intake/v1/cases"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]
Submit = Callable[..., Response]


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def errors(answer: Response) -> set[tuple[str, str]]:
    assert problem(answer) == (422, "invalid-request")
    return {(it["pointer"], it["rule"]) for it in answer.json()["errors"]}
