"""A window that closes soon is somebody's turn until it is settled, in each way in which it can be.

The rest of the walk is in ``test_walk.py``.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Who, Why
from services.livelihood_support import domain as support
from services.livelihood_support.domain import periods
from services.livelihood_support.models import Alert
from services.livelihood_support.policy import ToldFact
from services.livelihood_support.policy import moves as referring
from shared.contracts import Queue
from shared.contracts.vocabulary import Regime
from shared.kit.clock import local_date, utc_now
from tests.livelihood_support.builders import Field
from tests.livelihood_support.test_facts import tell
from tests.system.next_moves import dead_ends
from tests.system.test_walk import inside, read


def declined(field: Field, case_id: UUID) -> None:
    for alert in field.session.scalars(select(Alert).where(Alert.case_id == case_id)):
        decline = referring.AlertMove.DECLINE
        support.move_alert(field.session, alert_id=alert.id, move=decline, **field.by_owner())


def asked_for(field: Field, case_id: UUID) -> None:
    for code in periods.windowed(Regime.LAW_2011):
        support.add_need(field.session, case_id=case_id, code=code, **field.by_owner())


def excepted(field: Field, case_id: UUID) -> None:
    tell(field, case_id, ToldFact.WINDOW_EXCEPTION, value=True)


def refused(field: Field, case_id: UUID) -> None:
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=False)


def let_pass(field: Field, case_id: UUID) -> None:
    assert support.watch_windows(field.session, field.now + timedelta(days=60)) == 1


@pytest.mark.parametrize("end", [declined, asked_for, excepted, refused, let_pass])
def test_a_window_that_closes_soon_is_the_case_owners_until_it_is_settled(
    engine_of: Callable[[str], Engine], end: Callable[[Field, UUID], None]
) -> None:
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        case_id = field.case(requested=[])
        near = local_date(field.now) - timedelta(days=350)
        field.conclude(case_id, regime=Regime.LAW_2011, identified_on=near)
        tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
        waiting, opened = read(session, turns.SUPPORTING, turns.OPEN)
        found = turns.conclude([], turns.sentences(waiting), {row[0] for row in opened})
        expected = [(Who.CASE_OWNER, Why.WINDOW_CLOSING)] * 3
        assert [(turn.who, turn.why) for turn in found.turns] == expected
        assert dead_ends(session, found) == []
        end(field, case_id)
        left = turns.sentences(read(session, turns.SUPPORTING)[0])
        assert Why.WINDOW_CLOSING not in {turn.why for turn in left}
