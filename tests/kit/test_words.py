"""Problems and codes in the language that ``Accept-Language`` asks for, Vietnamese if none."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

THINGS_AT = "/verification/v1/things"
VOCABULARY_AT = "/verification/v1/vocabulary"

Keyed = Callable[..., dict[str, str]]


def spoken(answer: Any, language: str) -> dict[str, Any]:
    """The body of a problem that is in this language and says so."""
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


TITLES = {
    "vi": "Không có đối tượng nào mang mã này, hoặc bên gọi không được xem.",
    "en": "Nothing with this id exists here, or the caller may not see it.",
}


@pytest.mark.parametrize(
    ("asked", "language"),
    [(None, "vi"), ("*", "vi"), ("en-GB, vi;q=0.5", "en"), ("fr", "vi"), ("vi-VN", "vi")],
)
def test_a_refusal_is_titled_in_the_language_asked_for_and_its_type_stays(
    client: TestClient, token_for: Keyed, asked: str | None, language: str
) -> None:
    wish = {} if asked is None else {"Accept-Language": asked}
    answer = client.get(f"{THINGS_AT}/{uuid4()}", headers={**token_for("receiver"), **wish})
    body = spoken(answer, language)
    assert body["title"] == TITLES[language]
    assert body["type"] == "urn:nhipcau:problem:not-found"


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("GET", THINGS_AT, {}, 401),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", THINGS_AT, {}, 405),
        ("GET", "/a%07b", {}, 404),
        ("POST", THINGS_AT, {"Content-Length": "70000"}, 413),
        ("GET", "/verification/v1/broken?word=x", {}, 500),
    ],
)
def test_whoever_refuses_refuses_in_either_language(
    client: TestClient, method: str, address: str, headers: dict[str, str], status: int
) -> None:
    titles = set()
    for language in ("vi", "en"):
        wish = {**headers, "Accept-Language": language}
        answer = client.request(method, address, headers=wish)
        assert answer.status_code == status
        titles.add(spoken(answer, language)["title"])
    assert len(titles) == 2


MESSAGES = {
    "vi": {
        "/colour": "Chỉ được có tối đa 20 ký tự.",
        "/many/0/size": "Phải là số nguyên.",
        "/inner": "Có trường không được mô tả trong giao diện.",
    },
    "en": {
        "/colour": "This may have at most 20 characters.",
        "/many/0/size": "This must be a whole number.",
        "/inner": "There is a field that the interface does not describe.",
    },
}


@pytest.mark.parametrize("language", MESSAGES)
def test_every_broken_rule_says_what_it_asks_for(
    client: TestClient, keyed: Keyed, language: str
) -> None:
    body = {"colour": "x" * 21, "many": [{"size": "x"}], "inner": {"other": 1}}
    headers = {**keyed(), "Accept-Language": language}
    errors = spoken(client.post(THINGS_AT, headers=headers, json=body), language)["errors"]
    assert {it["pointer"]: it["message"] for it in errors} == MESSAGES[language]


def test_a_stored_refusal_is_repeated_in_the_words_of_whoever_asks_again(
    client: TestClient, keyed: Keyed
) -> None:
    asked = keyed()
    told = []
    for language in ("vi", "en", "vi"):
        headers = {**asked, "Accept-Language": language}
        answer = client.post(THINGS_AT, headers=headers, json={"colour": "foreign"})
        told.append(spoken(answer, language))
    assert told[0] == told[2]
    assert [it["title"] for it in told[:2]] == list(TITLES.values())
    assert {k: v for k, v in told[0].items() if k != "title"} == {
        k: v for k, v in told[1].items() if k != "title"
    }


def test_every_code_of_a_service_can_be_read_in_words(client: TestClient, token_for: Keyed) -> None:
    answer = client.get(VOCABULARY_AT, headers=token_for("receiver"))
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "vi"
    said = answer.json()
    assert said["language"] == "vi"
    assert said["vocabularies"]["verification_status"]["paused"] == "Tạm dừng"
    assert said["vocabularies"]["role"]["case_owner"] == "Quản lý trường hợp"
    assert said["vocabularies"]["problem"]["not-found"] == TITLES["vi"]


def test_the_vocabulary_is_kept_for_each_language_and_asked_for_again_in_vain(
    client: TestClient, token_for: Keyed
) -> None:
    tags = {}
    for language in ("vi", "en"):
        headers = {**token_for("receiver"), "Accept-Language": language}
        answer = client.get(VOCABULARY_AT, headers=headers)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Accept-Language"
        tags[language] = answer.headers["ETag"]
        again = client.get(VOCABULARY_AT, headers={**headers, "If-None-Match": tags[language]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tags[language]
    assert tags["vi"] != tags["en"]
    other = {**token_for("receiver"), "Accept-Language": "en", "If-None-Match": tags["vi"]}
    assert client.get(VOCABULARY_AT, headers=other).status_code == 200


def test_the_vocabulary_asks_who_calls(client: TestClient) -> None:
    assert client.get(VOCABULARY_AT).status_code == 401
