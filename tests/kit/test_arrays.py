"""A list of values is one parameter of a statement."""

from collections.abc import Collection
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, bindparam, insert, select
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import Route
from shared.kit.arrays import among
from tests.statements import counted

PLACES = Table(
    "places_of_this_test",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("route", String(11)),
    Column("count", Integer),
    prefixes=["TEMPORARY"],
)
FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def stored(session: Session) -> Session:
    PLACES.create(session.connection())
    rows = [
        {"id": FIRST, "route": Route.RESCUED, "count": 1},
        {"id": SECOND, "route": Route.SELF_REPORT, "count": None},
    ]
    session.execute(insert(PLACES), rows)
    return session


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (PLACES.c.id, [FIRST, UUID(int=7)], {FIRST}),
        (PLACES.c.id, {FIRST: 1, SECOND: 2}, {FIRST, SECOND}),
        (PLACES.c.id, [], set()),
        (PLACES.c.route, [Route.RESCUED, "RESCUED"], {FIRST}),
        (PLACES.c.route, ["SELF_REPORT_AND_MORE"], set()),
        (PLACES.c.count, range(9), {FIRST}),
    ],
)
def test_rows_are_found_whose_column_holds_one_of_the_values(
    stored: Session, column: Column[object], values: Collection[object], expected: set[UUID]
) -> None:
    assert set(stored.scalars(select(PLACES.c.id).where(among(column, values)))) == expected
    standing = select(PLACES.c.id).where(among(column, bindparam("values")))
    assert set(stored.scalars(standing, {"values": list(values)})) == expected


def test_the_others_are_found_by_the_opposite(stored: Session) -> None:
    others = select(PLACES.c.id).where(~among(PLACES.c.id, [FIRST, UUID(int=7)]))
    assert set(stored.scalars(others)) == {SECOND}
    everything = select(PLACES.c.id).where(~among(PLACES.c.id, []))
    assert set(stored.scalars(everything)) == {FIRST, SECOND}


def test_a_statement_is_the_same_for_every_length(stored: Session) -> None:
    with counted(stored) as seen:
        for length in (0, 1, 64):
            ids = [UUID(int=number) for number in range(length)]
            stored.execute(select(PLACES.c.id).where(among(PLACES.c.id, ids)))
    assert len(seen) == 3
    assert len(set(seen)) == 1
