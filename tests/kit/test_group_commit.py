"""Requests that wait together share a transaction, and nothing but it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from shared.kit.database import Database, make_engine
from shared.kit.errors import Conflict, DomainError
from shared.kit.group_commit import MOST, GroupCommit, TooManyWaiting
from tests.kit.things import THINGS


class Unwanted(Conflict):
    """Nobody wants this colour."""


NIL = UUID(int=0)

Group = GroupCommit[str, UUID]
Handle = Callable[[Session, Sequence[str]], Sequence[UUID | DomainError]]


class Workshop:
    """Makes things; remembers how many it was asked for at a time, and waits when told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.busy = threading.Event()

    def __call__(self, session: Session, colours: Sequence[str]) -> list[UUID | DomainError]:
        self.batches.append(len(colours))
        self.busy.set()
        self.open.wait(10)
        return [self._make(session, colour) for colour in colours]

    def _make(self, session: Session, colour: str) -> UUID | DomainError:
        if colour == "unwanted":
            return Unwanted()
        if colour == "raised":
            raise Unwanted
        if colour == "broken":
            raise ValueError(colour)
        thing_id = uuid4()
        session.execute(insert(THINGS), {"id": thing_id, "colour": colour, "version": 1})
        return thing_id


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def group(database: Database, workshop: Workshop) -> Iterator[Group]:
    made: Group = GroupCommit(database.begin, workshop, name="workshop")
    yield made
    workshop.open.set()
    made.close()


def stored(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(THINGS)) or 0)


def together(group: Group, workshop: Workshop, colours: Sequence[str]) -> list[object]:
    """Submit so that all wait at once; the result or the exception of each."""
    workshop.open.clear()
    first = group.submit("first")
    assert workshop.busy.wait(10)
    futures = [group.submit(colour) for colour in colours]
    workshop.open.set()
    first.result(10)
    return [future.exception(10) or future.result() for future in futures]


def test_alone_a_request_is_handled_at_once(group: Group, database: Database) -> None:
    thing_id = group.submit("red").result(10)
    with database.read() as session:
        assert session.scalar(select(THINGS.c.colour).where(THINGS.c.id == thing_id)) == "red"


def test_requests_that_wait_share_one_transaction(
    group: Group, workshop: Workshop, database: Database
) -> None:
    results = together(group, workshop, ["red"] * 10)
    assert len(set(results)) == 10
    assert workshop.batches == [1, 10]
    assert stored(database) == 11


def test_a_transaction_takes_so_many_at_most(group: Group, workshop: Workshop) -> None:
    together(group, workshop, ["red"] * (MOST + 5))
    assert workshop.batches == [1, MOST, 5]


def test_each_caller_gets_the_result_of_its_own_request(
    group: Group, workshop: Workshop, database: Database
) -> None:
    colours = [f"colour{number}" for number in range(20)]
    ids = together(group, workshop, colours)
    with database.read() as session:
        by_id = {row.id: row.colour for row in session.execute(select(THINGS))}
    assert [by_id[one] for one in ids] == colours


def test_a_refusal_is_told_to_its_caller_alone(
    group: Group, workshop: Workshop, database: Database
) -> None:
    results = together(group, workshop, ["red", "unwanted", "blue"])
    assert [type(one) for one in results] == [UUID, Unwanted, UUID]
    assert workshop.batches == [1, 3], "a refusal is an answer: the others need no second try"
    assert stored(database) == 3


@pytest.mark.parametrize(
    ("bad", "fault"),
    [("x" * 21, DataError), ("broken", ValueError), ("raised", Unwanted)],
    ids=["the database refuses it", "a fault", "a refusal that is raised"],
)
def test_one_bad_request_does_not_fail_its_neighbours(
    group: Group, workshop: Workshop, database: Database, bad: str, fault: type[Exception]
) -> None:
    results = together(group, workshop, ["red"] * 5 + [bad] + ["blue"] * 5)
    assert [type(one) for one in results] == [UUID] * 5 + [fault] + [UUID] * 5
    assert stored(database) == 11


def test_a_request_overtaken_by_another_process_looks_again(database: Database) -> None:
    looks: list[bool] = []

    def make_once(session: Session, colours: Sequence[str]) -> list[UUID | DomainError]:
        is_made = session.scalar(select(func.count()).select_from(THINGS)) != 0
        looks.append(is_made)
        if is_made:
            return [Unwanted() for _ in colours]
        with database.begin() as other:
            other.execute(insert(THINGS), {"id": NIL, "colour": "theirs", "version": 1})
        session.execute(insert(THINGS), {"id": NIL, "colour": colours[0], "version": 1})
        return [NIL]

    group: Group = GroupCommit(database.begin, make_once, name="overtaken")
    with pytest.raises(Unwanted):
        group.submit("ours").result(10)
    group.close()
    assert looks == [False, True]
    assert stored(database) == 1


def test_a_caller_is_answered_after_the_commit(group: Group, database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:

        def see(_number: int) -> bool:
            thing_id = group.submit("red").result(10)
            with database.read() as session:
                return (
                    session.scalar(select(THINGS.c.id).where(THINGS.c.id == thing_id)) == thing_id
                )

        assert all(threads.map(see, range(100)))
    assert stored(database) == 100


class Road:
    """Transactions on a database that may be away; counts how often one was asked for."""

    def __init__(self, database: Database) -> None:
        nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
        self._there, self._away = database, Database(make_engine(nowhere))
        self.is_away = False
        self.asked = 0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        self.asked += 1
        with (self._away if self.is_away else self._there).begin() as session:
            session.connection()
            yield session


def test_a_database_that_is_away_fails_all_that_wait_at_once(
    database: Database, workshop: Workshop
) -> None:
    road = Road(database)
    group: Group = GroupCommit(road.begin, workshop, name="away")
    workshop.open.clear()
    first = group.submit("first")
    assert workshop.busy.wait(10)
    road.is_away = True
    futures = [group.submit("red") for _ in range(MOST)]
    workshop.open.set()
    assert all(isinstance(future.exception(10), OperationalError) for future in futures)
    assert first.result(10)
    assert road.asked == 2, "the batch asked once, not each of its requests"
    road.is_away = False
    assert group.submit("blue").result(10)
    group.close()


def test_a_database_that_goes_away_between_two_requests_tried_alone_fails_the_rest(
    database: Database, workshop: Workshop
) -> None:
    road = Road(database)

    def make(session: Session, colours: Sequence[str]) -> Sequence[UUID | DomainError]:
        made = workshop(session, colours)
        if list(colours) == ["last"]:
            road.is_away = True
        return made

    group: Group = GroupCommit(road.begin, make, name="away")
    ends = together(group, workshop, ["red", "broken", "last", *["blue"] * 20])
    assert [type(end) for end in ends[:3]] == [UUID, ValueError, UUID]
    assert all(isinstance(end, OperationalError) for end in ends[3:])
    assert road.asked == 1 + 1 + 4, "the first, the batch, three alone, and one that was not there"
    group.close()


def test_more_than_can_be_answered_in_time_is_refused_at_once(
    database: Database, workshop: Workshop
) -> None:
    group: Group = GroupCommit(database.begin, workshop, name="full", most_waiting=5)
    workshop.open.clear()
    group.submit("first")
    assert workshop.busy.wait(10)
    futures = [group.submit("red") for _ in range(5)]
    with pytest.raises(TooManyWaiting):
        group.submit("one too many")
    with pytest.raises(TooManyWaiting):
        group.probe()
    workshop.open.set()
    assert all(future.result(10) for future in futures)
    group.close()
    assert stored(database) == 6


def test_what_its_client_has_left_is_not_worked_on(
    group: Group, workshop: Workshop, database: Database
) -> None:
    workshop.open.clear()
    first = group.submit("first")
    assert workshop.busy.wait(10)
    left, waits = group.submit("left"), group.submit("waits")
    assert left.cancel()
    assert not first.cancel(), "what is under way goes on"
    workshop.open.set()
    assert first.result(10)
    assert waits.result(10)
    assert workshop.batches == [1, 1]
    assert stored(database) == 2


def test_what_its_client_has_left_meanwhile_is_not_tried_alone_either(
    database: Database, workshop: Workshop
) -> None:
    """A lock that fails the batch fails each alone, in its turn: nobody waits for the last."""
    futures: list[Future[UUID]] = []

    def make(session: Session, colours: Sequence[str]) -> Sequence[UUID | DomainError]:
        if list(colours) == ["broken"]:
            assert not futures[1].cancel(), "it was under way"
        return workshop(session, colours)

    group: Group = GroupCommit(database.begin, make, name="left")
    workshop.open.clear()
    group.submit("first")
    assert workshop.busy.wait(10)
    futures += [group.submit(colour) for colour in ("broken", "left", "waits")]
    workshop.open.set()
    assert futures[2].result(10)
    group.close()
    assert workshop.batches == [1, 3, 1, 1]
    assert stored(database) == 2


def test_a_probe_commits_where_requests_do(database: Database, workshop: Workshop) -> None:
    road = Road(database)
    group: Group = GroupCommit(road.begin, workshop, name="probed")
    assert group.probe().result(10) is None
    road.is_away = True
    assert isinstance(group.probe().exception(10), OperationalError)
    group.close()
    assert workshop.batches == []


def test_closing_handles_what_waits(database: Database, workshop: Workshop) -> None:
    closing: Group = GroupCommit(database.begin, workshop, name="closing")
    futures = [closing.submit("red") for _ in range(100)]
    closing.close()
    assert all(future.done() for future in futures)
    assert stored(database) == 100
