"""What organisations and case owners read comes by an index, however much others have stored."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import ReasonCode
from tests.livelihood_support.builders import Field, asked

Read = Callable[[Field, Referral], object]

UNCOUNTED = (
    text(
        "UPDATE pg_class SET relpages = 0, reltuples = -1"
        " WHERE relnamespace = 'public'::regnamespace"
    ),
    text(
        "DELETE FROM pg_statistic WHERE starelid IN"
        " (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
    ),
)
"""Autovacuum may have counted a handful of rows here; among so few, any index would do."""


@contextmanager
def explained(session: Session) -> Iterator[list[str]]:
    """The plan of each statement this session sends meanwhile, if no table is read as a whole.

    A plan that reads one all the same has no index that serves.
    """
    plans: list[str] = []
    connection = session.connection()
    for forget in UNCOUNTED:
        connection.execute(forget)
    connection.execute(text("SET LOCAL enable_seqscan = off"))

    def explain(_connection: Any, cursor: Any, statement: str, facts: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN {statement}", facts)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    event.listen(connection, "before_cursor_execute", explain)
    yield plans
    event.remove(connection, "before_cursor_execute", explain)


def own_offers(field: Field, referral: Referral) -> Sequence[object]:
    subject = asked(field.offer(referral.id))
    return domain.find_referrals(
        field.session,
        subject=subject,
        now=field.now,
        case_id=None,
        status=None,
        after=None,
        size=10,
    )


def the_offers_of_a_referral(field: Field, referral: Referral) -> Sequence[object]:
    return domain.find_offers(field.session, referral_id=referral.id, **field.as_owner())


def a_failed_offer(field: Field, referral: Referral) -> object:
    failed = field.offer(referral.id)
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move)
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    return domain.find_referral(
        field.session, referral_id=failed.id, subject=asked(failed), now=field.now
    )


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (own_offers, "ix_offers_inbox"),
        (the_offers_of_a_referral, "ix_offers_history"),
        (a_failed_offer, "_referral_moves_"),
    ],
)
def test_it_is_found_by_an_index(field: Field, read: Read, index: str) -> None:
    field.programme()
    field.programme()
    referral = field.referred()
    field.session.flush()
    with explained(field.session) as plans:
        assert read(field, referral)
    assert any(index in plan for plan in plans)
    assert [plan for plan in plans if "Seq Scan on referral_moves" in plan] == []
