"""A stay in the facility: counted from the arrival, and near the end of what the law allows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import DidNotComeAbout, Exchange, moved, posted
from deploy.deadlines.scenes.days import A_WHILE, BEFORE_THE_NEW_LAW, DAY, WARNED, come_to
from deploy.demo.asking import LIVELIHOOD
from services.livelihood_support.policy import KitItem, StayDestination, StayMove, StayNeed
from shared.contracts.vocabulary import ClockLevel, EntitlementCode, StayStatus
from shared.kit.clock import local_date

CAME_BEFORE = timedelta(days=48)
"""So long ago the person came: the facility records now what it had on paper."""
UNEVENTFUL = 5 * DAY
"""So long before its end nobody is told of a stay yet."""


def is_near_the_end_of_a_stay(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Whoever runs the facility is warned before the last day, and the person leaves in time."""
    case = exchange.submit("wants-to-sew", (EntitlementCode.ESSENTIAL,), **BEFORE_THE_NEW_LAW)
    yield exchange.dial.now + A_WHILE
    today = local_date(exchange.dial.now)
    path = f"{LIVELIHOOD}/cases/{case.id}/stays"
    announced = posted(exchange.owner, path, {"expected_on": today.isoformat()})
    facility, where = (
        exchange.client_of(announced["facility_id"]),
        f"{LIVELIHOOD}/stays/{announced['id']}",
    )
    moved(
        facility,
        where,
        move=StayMove.ARRIVE,
        arrived_on=(today - CAME_BEFORE).isoformat(),
        needs=[StayNeed.LODGING, StayNeed.MEALS],
        kit=[KitItem.OUTER_CLOTHES, KitItem.SOAP],
    )
    due = datetime.fromisoformat(exchange.read(where)["due_at"])
    yield due - UNEVENTFUL
    yield from come_to(exchange, case, ClockLevel.OFFICER, due)
    told = exchange.known(case, WARNED, ClockLevel.OFFICER)
    board.tell(Shown.STAY_NEAR_ITS_END, case, told=told["organisation_id"])
    left_on = local_date(exchange.dial.now).isoformat()
    moved(
        facility, where, move=StayMove.LEAVE, left_on=left_on, left_to=StayDestination.OWN_LODGING
    )
    left = exchange.read(where)
    if left["status"] != StayStatus.LEFT or exchange.dial.now > due:
        raise DidNotComeAbout(Shown.STAY_ENDED)
    board.tell(Shown.STAY_ENDED, case, told=left["facility_id"])
