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
from shared.kit.pages import MOST, CursorUnknown, decode, encode, page
from tests.kit.things import THINGS

THINGS_AT = "/verification/v1/things"


@given(last=st.uuids())
def test_a_cursor_is_read_back(last: UUID) -> None:
    assert decode(encode(last)) == last


@given(cursor=st.text(max_size=40))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    try:
        assert isinstance(decode(cursor), UUID)
    except CursorUnknown:
        return


def test_no_cursor_is_the_beginning() -> None:
    assert decode(None) is None


def test_no_page_is_larger_than_the_list_allows() -> None:
    assert page(page_size=5_000).size == MOST


def add(database: Database, count: int) -> list[str]:
    ids = [new_id() for _ in range(count)]
    with database.begin() as session:
        session.execute(insert(THINGS), [{"id": one, "colour": "red", "version": 1} for one in ids])
    return [str(one) for one in ids]


def test_following_the_links_shows_everything_once_though_rows_are_added(
    client: TestClient, token_for: Callable[..., dict[str, str]], database: Database
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


def test_ids_made_later_come_later() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}


@pytest.mark.parametrize("size", [0, -1])
def test_a_page_of_nothing_is_refused(
    client: TestClient, token_for: Callable[..., dict[str, str]], size: int
) -> None:
    answer = client.get(f"{THINGS_AT}?page_size={size}", headers=token_for("receiver"))
    assert answer.status_code == 422


def test_a_cursor_of_a_row_that_is_gone_still_leads_on(
    client: TestClient, token_for: Callable[..., dict[str, str]], database: Database
) -> None:
    add(database, 2)
    cursor = encode(UUID(int=0, version=4))
    answer = client.get(f"{THINGS_AT}?cursor={cursor}", headers=token_for("receiver"))
    assert len(answer.json()["items"]) == 2
    assert str(uuid4()) not in answer.json()["items"]
