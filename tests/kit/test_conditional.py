"""Changes name the version they were made from."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from shared.kit.conditional import EntityTagUnreadable, etag, expected_version
from shared.kit.problems import PreconditionRequired


@pytest.mark.parametrize("version", [0, 1, 42, 999_999_999])
def test_a_version_is_read_back_from_its_tag(version: int) -> None:
    assert expected_version(etag(version)) == version


@pytest.mark.parametrize(
    "tag", ["", "1", "*", 'W/"1"', '"1", "2"', '"-1"', '"a"', '""', '"1234567890"', '"\u0661"']
)
def test_a_tag_we_never_gave_is_refused(tag: str) -> None:
    with pytest.raises(EntityTagUnreadable):
        expected_version(tag)


def test_a_change_without_a_version_is_refused() -> None:
    with pytest.raises(PreconditionRequired):
        expected_version(None)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": '"1"'}, 204),
        ({"If-Match": '"2"'}, 412),
        ({"If-Match": "nonsense"}, 400),
        ({"If-Match": '"1"' * 20}, 422),
        ({}, 428),
    ],
)
def test_a_change_over_http(
    client: TestClient,
    token_for: Callable[..., dict[str, str]],
    headers: dict[str, str],
    status: int,
) -> None:
    asked = {**token_for("receiver"), **headers}
    answer = client.patch(f"/verification/v1/things/{uuid4()}", headers=asked)
    assert answer.status_code == status
