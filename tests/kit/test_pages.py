"""Lists come in pages whose cursors stay true while rows are added."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from shared.kit.database import Database
from shared.kit.identifiers import new_id
from shared.kit.pages import MARK_BYTES, MOST, CursorUnknown, decode, encode, mark_of
from tests.kit.things import THINGS

THINGS_AT = "/verification/v1/things"
MARK = mark_of(THINGS_AT, [])
NIL = UUID(int=0)

TokenFor = Callable[..., dict[str, str]]


@given(last=st.uuids().map(str) | st.text(max_size=20), mark=st.binary(min_size=8, max_size=8))
def test_a_cursor_is_read_back(last: str, mark: bytes) -> None:
    assert len(mark) == MARK_BYTES
    assert decode(encode(last, mark), mark) == last


@given(cursor=st.text(max_size=40))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    try:
        assert isinstance(decode(cursor, MARK), str)
    except CursorUnknown:
        return


@given(last=st.text(max_size=20), other=st.text(max_size=20))
def test_a_cursor_of_another_list_is_refused(last: str, other: str) -> None:
    with pytest.raises(CursorUnknown):
        decode(encode(last, mark_of(f"/{other}", [])), MARK)


def test_the_order_of_filters_makes_no_other_list() -> None:
    filters = [("colour", "red"), ("size", "1")]
    assert mark_of(THINGS_AT, filters) == mark_of(THINGS_AT, filters[::-1]) != MARK


def add(database: Database, count: int) -> list[str]:
    ids = [new_id() for _ in range(count)]
    with database.begin() as session:
        for one in ids:
            session.execute(insert(THINGS), {"id": one, "colour": "red", "version": 1})
    return [str(one) for one in ids]


def test_following_the_links_shows_everything_once_though_rows_are_added(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    told = add(database, 7)
    headers = token_for("receiver")
    seen: list[str] = []
    address: str | None = f"{THINGS_AT}?page_size=3&colour=any"
    while address:
        answer = client.get(address, headers=headers)
        body = answer.json()
        seen += body["items"]
        if len(told) < 9:
            told += add(database, 2)
        link = answer.links.get("next")
        assert (link is None) == (body["next"] is None)
        address = link["url"] if link else None
        assert address is None or "colour=any" in address
    assert seen == told


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7])
def test_no_link_leads_to_an_empty_page(
    client: TestClient, token_for: TokenFor, database: Database, count: int
) -> None:
    add(database, count)
    address: str | None = f"{THINGS_AT}?page_size=3"
    pages = []
    while address:
        answer = client.get(address, headers=token_for("receiver"))
        pages.append(len(answer.json()["items"]))
        address = answer.links.get("next", {}).get("url")
    assert sum(pages) == count
    assert all(pages) or count == 0
    assert len(pages) == max(1, -(-count // 3))


def test_a_larger_page_than_allowed_is_cut_and_says_that_there_is_more(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    add(database, MOST + 1)
    answer = client.get(f"{THINGS_AT}?page_size=5000", headers=token_for("receiver"))
    assert len(answer.json()["items"]) == MOST
    assert answer.json()["next"]


@pytest.mark.parametrize("change", ["colour=blue", "colour=red&size=1", ""])
def test_a_cursor_used_with_other_filters_is_refused(
    client: TestClient, token_for: TokenFor, database: Database, change: str
) -> None:
    add(database, 2)
    headers = token_for("receiver")
    first = client.get(f"{THINGS_AT}?page_size=1&colour=red", headers=headers).json()
    cursor = first["next"]
    answer = client.get(f"{THINGS_AT}?{change}&cursor={cursor}", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:nhipcau:problem:cursor-unknown"
    same = client.get(f"{THINGS_AT}?cursor={cursor}&colour=red&page_size=9", headers=headers)
    assert len(same.json()["items"]) == 1, "another size is the same list"


def test_the_host_a_caller_claims_is_in_no_link_and_in_no_key(
    client: TestClient, keyed: TokenFor, database: Database
) -> None:
    add(database, 2)
    headers = {**keyed(), "Host": "evil.example/elsewhere"}
    link = client.get(f"{THINGS_AT}?page_size=1", headers=headers).headers["Link"]
    assert link.startswith(f"<{THINGS_AT}?")
    made = client.post(THINGS_AT, headers=headers, json={"colour": "red"})
    assert made.headers["Location"].startswith(f"{THINGS_AT}/")
    again = client.post(THINGS_AT, headers={**headers, "Host": "a.example"}, json={"colour": "red"})
    assert again.json() == made.json()


def test_ids_made_later_come_later() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}


@pytest.mark.parametrize("size", ["0", "-1", "1_0", "5.0", "", "%202"])
def test_a_page_of_nothing_or_of_something_else_is_refused(
    client: TestClient, token_for: TokenFor, size: str
) -> None:
    answer = client.get(f"{THINGS_AT}?page_size={size}", headers=token_for("receiver"))
    assert answer.status_code == 422


@pytest.mark.parametrize("query", ["page_size=1&page_size=2", "cursor=a&cursor=a", "x=1&%78=2"])
def test_a_parameter_given_twice_is_refused(
    client: TestClient, token_for: TokenFor, query: str
) -> None:
    answer = client.get(f"{THINGS_AT}?{query}", headers=token_for("receiver"))
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:nhipcau:problem:parameter-repeated"


def test_a_cursor_of_a_row_that_is_gone_still_leads_on(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    add(database, 2)
    cursor = encode(str(NIL), MARK)
    answer = client.get(f"{THINGS_AT}?cursor={cursor}", headers=token_for("receiver"))
    assert len(answer.json()["items"]) == 2
    assert str(uuid4()) not in answer.json()["items"]


def test_a_cursor_that_names_no_row_is_refused(client: TestClient, token_for: TokenFor) -> None:
    cursor = encode("no id", MARK)
    answer = client.get(f"{THINGS_AT}?cursor={cursor}", headers=token_for("receiver"))
    assert answer.status_code == 422
