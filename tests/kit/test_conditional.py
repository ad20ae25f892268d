"""Changes name the version they were made from, and readers the version they hold."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.conditional import EntityTagUnreadable, etag, names_tag, versions
from shared.kit.errors import VersionChanged
from shared.kit.versions import Versions, check_version

TokenFor = Callable[..., dict[str, str]]

THING_AT = "/verification/v1/things"


@pytest.mark.parametrize("version", [0, 1, 42, 999_999_999])
def test_a_version_is_read_back_from_its_tag(version: int) -> None:
    assert versions([etag(version)]).has_one_of(version, version)
    assert not versions([etag(version)]).has_one_of(version + 1, version + 1)


@pytest.mark.parametrize(
    "lines",
    [
        ['"1", "2"'],
        ['"2","1"'],
        ['"2"', '"1"'],
        [' , "1" ,, "a,b" , '],
        ["*"],
        [" * "],
        ['W/"3", "1"'],
        ['"a\\"', '"1"'],
    ],
)
def test_a_list_of_tags_names_each_of_them(lines: list[str]) -> None:
    check_version(1, versions(lines))


@pytest.mark.parametrize(
    ("lines", "has_seen"),
    [
        (['"3"'], True),
        (['"4"'], True),
        (['"5"'], True),
        (['"1", "4"'], True),
        (["*"], True),
        (['"2"'], False),
        (['"6"'], False),
        (['"2", "6"'], False),
        (['W/"4"'], False),
    ],
)
def test_whoever_read_a_part_as_it_is_may_change_it_whatever_else_has_grown(
    lines: list[str], has_seen: bool
) -> None:
    if has_seen:
        check_version(5, versions(lines), since=3)
    else:
        with pytest.raises(VersionChanged) as refused:
            check_version(5, versions(lines), since=3)
        assert refused.value.facts == {"version": 5}


@pytest.mark.parametrize("lines", [['W/"1"'], ['"2"'], ['"-1"'], ['"a"'], ['""'], ['"01"']])
def test_a_tag_of_another_form_names_no_version(lines: list[str]) -> None:
    with pytest.raises(VersionChanged):
        check_version(1, versions(lines))


@pytest.mark.parametrize(
    "lines", [[""], ["1"], ["*, *"], ['"1", *'], ['"1" "2"'], ['w/"1"'], ["'1'"], ['"1'], [","]]
)
def test_what_is_no_list_of_tags_is_refused(lines: list[str]) -> None:
    with pytest.raises(EntityTagUnreadable):
        versions(lines)


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(EntityTagUnreadable):
        versions(['"1",' * 5_000])


@given(lines=st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_any_field_is_read_or_refused(lines: list[str]) -> None:
    try:
        assert isinstance(versions(lines), Versions)
    except EntityTagUnreadable:
        assert not names_tag(lines, '"1"')


@pytest.mark.parametrize(
    ("lines", "is_named"),
    [
        (['"1"'], True),
        (['W/"1"'], True),
        (['"0", W/"1"'], True),
        (['"0"', '"1"'], True),
        (["*"], True),
        (['"2"'], False),
        (["1"], False),
    ],
)
def test_readers_compare_weakly(lines: list[str], is_named: bool) -> None:
    assert names_tag(lines, '"1"') is is_named


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (['"1"'], 204),
        (['"2"'], 412),
        (['W/"1"'], 412),
        (['"2", "1"'], 204),
        (['"2"', '"1"'], 204),
        (["*"], 204),
        (['"unknown"'], 412),
        (["nonsense"], 400),
        ([], 428),
    ],
)
def test_a_change_over_http(
    client: TestClient, token_for: TokenFor, field: list[str], status: int
) -> None:
    asked = [*token_for("receiver").items(), *(("If-Match", line) for line in field)]
    answer = client.patch(f"{THING_AT}/{uuid4()}", headers=asked)
    assert answer.status_code == status
