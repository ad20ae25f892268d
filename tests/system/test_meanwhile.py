"""What was begun while the verification runs is somebody's turn wherever it ends.

The rest of the walk is in ``test_walk.py``.
"""

from collections import defaultdict
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from deploy.stack.invariants.turns import Why
from services.livelihood_support import domain
from shared.contracts import Queue
from shared.contracts.vocabulary import Citizenship, Regime, Route
from shared.kit.clock import utc_now
from tests.livelihood_support.builders import Field
from tests.system.meanwhile import FORMER, MEANWHILE
from tests.system.next_moves import dead_ends
from tests.system.test_walk import inside, standing, walk
from tests.system.walkers import EVERY_CODE, GRANTING, morning, tell
from tests.system.walking import LATER, every_end
from tests.system.whose_duties import without_duty


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("route", [Route.SELF_REPORT, Route.MISSION_ABROAD])
def test_every_need_of_who_is_presumed_has_a_next_move_an_owner_and_an_age(
    engine_of: Callable[[str], Engine], route: Route, regime: Regime
) -> None:
    """Of each category of who is still being identified, with everything granted to it."""
    ends = {**MEANWHILE, **FORMER} if regime is Regime.LAW_2024 else MEANWHILE
    reached: dict[tuple[str, ...], set[Why]] = defaultdict(set)
    with inside(engine_of(Queue.LIVELIHOOD_SUPPORT)) as session:
        field = Field(session, utc_now())
        field.programme(codes=EVERY_CODE, capacity=1000)
        case_id = field.at(morning(regime)).case(
            requested=EVERY_CODE, citizenship=Citizenship.VIETNAMESE, route=route
        )
        assert domain.begin_presumed(session, field.now) == 1
        for fact in GRANTING:
            tell(field, case_id, fact, value=True)
        for path in walk(field, case_id, ends):
            found = standing(session)
            assert {turn.case_id for turn in found.turns} == {str(case_id)}, path
            assert dead_ends(session, found) == [], path
            assert without_duty(session, found, field.now) == [], path
            assert {turn.since for turn in found.turns} <= {field.now, field.now + LATER}, path
            reached[path] |= {turn.why for turn in found.turns}
    assert reached == {path: set(each.whys) for path, each in every_end(ends)}
