"""A database that was worked with before this release goes on under it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from services.verification.domain import WATCHING
from shared import clocks
from shared.contracts import Queue
from shared.kit import migrations
from shared.kit.database import Database, make_engine, run_hooks

BEFORE_AREAS = "0010"
BEFORE_CLOCKS = "0018"
LATE_IN_THE_DAY = datetime(2026, 3, 1, 20, tzinfo=UTC)
"""The second of March in Hải Phòng."""

ROW = """
    INSERT INTO verifications (id, case_id, route, receiver_id, area_code, age_band, regime, status,
                               grounds, received_at, opened_at, is_extended, look_again_at, version)
    VALUES (%(id)s, %(id)s, 'SELF_REPORT', %(id)s, '11680', 'adult', '2024', 'opened', '{}',
            '2024-05-01', %(opened)s, false, %(opened)s, 1)
"""


def test_the_area_of_a_verification_was_told_when_it_was_opened(
    new_database: Callable[[str], str],
) -> None:
    url = new_database(Queue.VERIFICATION)
    migrations.downgrade(Queue.VERIFICATION, url, BEFORE_AREAS)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        connection.execute(ROW, {"id": uuid4(), "opened": LATE_IN_THE_DAY})
    migrations.upgrade(Queue.VERIFICATION, url)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        told_on = connection.execute("SELECT area_told_on FROM verifications").fetchone()
    assert told_on == (date(2026, 3, 2),)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[dict[str, object]]]:
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, row_factory=dict_row) as connection:
        yield connection


OLD_ROW = """
    INSERT INTO verifications (id, case_id, route, receiver_id, area_code, area_told_on, age_band,
                               regime, status, grounds, received_at, opened_at, is_extended,
                               requested_on, due_on, verifier_id, version, outcome, reason,
                               concluded_at)
    VALUES (%(id)s, %(id)s, 'SELF_REPORT', %(id)s, '11680', '2025-05-05', 'adult', '2011',
            %(status)s, %(grounds)s, %(received)s, %(received)s, %(extended)s,
            '2025-05-05', %(due)s, %(id)s, %(version)s, %(outcome)s, %(reason)s, %(concluded)s)
"""
OLD_MOVE = """
    INSERT INTO verification_moves (id, verification_id, actor, move, from_status, to_status,
                                    verifier_id, reason, grounds, at, version)
    VALUES (gen_random_uuid(), %(of)s, 'test', %(move)s, NULL, %(to)s, %(of)s, %(reason)s, '{}',
            %(at)s, %(version)s)
"""
STATUS_AFTER = {
    "open": "assigned", "start": "in_progress", "pause": "paused", "resume": "in_progress",
    "extend": "extended", "conclude": "concluded", "reopen": "assigned",
}  # fmt: skip


def left(url: str, due: date | None, *moves: tuple[str, int]) -> UUID:
    """A verification as the release before left it: its moves, each on a day of May 2025."""
    made, names = uuid4(), [move for move, _ in moves]
    is_over = names[-1] == "conclude"
    row = {
        "id": made,
        "status": STATUS_AFTER[names[-1]],
        "extended": "extend" in names,
        # Under the law whose period is unset, nothing was due.
        "received": datetime(2025, 5 if due else 7, 5, 5, tzinfo=UTC),
        "due": due,
        "version": len(moves),
        "outcome": "not_identified" if is_over else None,
        "reason": "evidence_insufficient" if is_over else None,
        "grounds": ["rescuing_body"] if is_over else [],
        "concluded": datetime(2025, 5, moves[-1][1], 5, tzinfo=UTC) if is_over else None,
    }
    with connected(url) as connection:
        connection.execute(OLD_ROW, row)
        for version, (move, day) in enumerate(moves, 1):
            reason = "person_unavailable" if move == "pause" else None
            facts = {"of": made, "move": move, "to": STATUS_AFTER[move], "reason": reason}
            at = datetime(2025, 5, day, 5, tzinfo=UTC)
            connection.execute(OLD_MOVE, {**facts, "at": at, "version": version})
    return made


def test_what_runs_goes_on_upon_a_clock_and_is_due_on_the_same_day(
    new_database: Callable[[str], str],
) -> None:
    url = new_database(Queue.VERIFICATION)
    migrations.downgrade(Queue.VERIFICATION, url, BEFORE_CLOCKS)
    plain = left(url, date(2025, 5, 26), ("open", 5), ("start", 6))
    stopped = left(url, date(2025, 5, 26), ("open", 5), ("start", 6), ("pause", 7))
    gone_on = left(url, date(2025, 5, 28), ("open", 5), ("start", 6), ("pause", 7), ("resume", 10))
    longer = left(url, date(2025, 7, 7), ("open", 5), ("start", 6), ("extend", 8))
    over = left(url, date(2025, 5, 26), ("open", 5), ("start", 6), ("conclude", 9))
    undated = left(url, None, ("open", 5))
    before = _dates(url)
    migrations.upgrade(Queue.VERIFICATION, url)

    engine = make_engine(url)
    with Database(engine).begin() as session:
        found = clocks.find(session, "verification.requested", before)
        for each, (asked_on, is_extended, due_on) in before.items():
            clock = found[each]
            assert clock.started_at == datetime(2025, 5, 5, 5, tzinfo=UTC)
            assert asked_on == date(2025, 5, 5)
            assert (clock.extended_at is not None) == is_extended
            if due_on is not None:
                assert clock.end is not None
                assert (clock.end.last_day, clock.end.at) == (due_on, clock.due_at)
        assert (found[plain].pauses, found[plain].key) == ((), "verification.normal")
        assert found[stopped].paused_at == datetime(2025, 5, 7, 5, tzinfo=UTC)
        assert (found[stopped].paused_for, found[stopped].next_at) == ("person_unavailable", None)
        assert [(it.since.day, it.until.day) for it in found[gone_on].pauses] == [(7, 10)]
        assert found[longer].key == "verification.extended_total"
        assert found[longer].extended_at == datetime(2025, 5, 8, 5, tzinfo=UTC)
        assert found[over].ended_at == datetime(2025, 5, 9, 5, tzinfo=UTC)
        assert (found[undated].due_at, found[undated].next_at) == (None, None)
        # The sweep says when each is warned of, and warns of none before.
        assert WATCHING.watch(session, datetime(2025, 5, 11, 5, tzinfo=UTC)) == 0
        run_hooks(session)
    with Database(engine).begin() as session:
        # With the window of the decision, which nobody runs late in.
        assert WATCHING.watch(session, datetime.now(UTC)) == 4
        window = clocks.find(session, "verification.concluded", [over])[over]
        assert (window.key, window.regime, window.breached_at) == ("complaint.window", None, None)
        assert window.started_at == datetime(2025, 5, 9, 5, tzinfo=UTC)
        # Ninety days after Friday the ninth of May: a Thursday.
        assert window.ended_at == datetime(2025, 8, 7, 17, tzinfo=UTC)
        late = clocks.find(session, "verification.requested", [plain, gone_on, longer])
        assert all(it.breached_at for it in late.values())
        run_hooks(session)
    engine.dispose()

    migrations.downgrade(Queue.VERIFICATION, url, BEFORE_CLOCKS)
    assert _dates(url) == before


def _dates(url: str) -> dict[UUID, tuple[object, ...]]:
    with connected(url) as connection:
        rows = connection.execute(
            "SELECT id, requested_on, is_extended, due_on FROM verifications"
        ).fetchall()
    return {
        UUID(str(row["id"])): (row["requested_on"], row["is_extended"], row["due_on"])
        for row in rows
    }
