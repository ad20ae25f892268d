"""A handover of three people: places held, what is lacking said before, each received or missed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import DidNotComeAbout, Exchange, posted, read
from deploy.deadlines.scenes.days import A_WHILE, morning_of
from deploy.demo.asking import LIVELIHOOD, every
from services.intake.policy import AbsenceReason
from services.livelihood_support.policy import Lack
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Route, Sex
from shared.kit.clock import local_date

NOTICES = "/intake/v1/advance-notices"
HELD = f"{LIVELIHOOD}/held-places"
ANNOUNCER = "quan-ly-xuat-nhap-canh"
PLACE = "11629"
DAYS_BEFORE = 2
COME = {1: "handed-over-from-a-casino", 2: "girl-of-sixteen-handed-over"}
"""Those who are handed over, by their number; the third is not."""
PEOPLE = (
    {"age_band": AgeBand.ADULT, "sex": Sex.MALE, "languages": ["vi"]},
    {"age_band": AgeBand.UNDER_18, "sex": Sex.FEMALE, "languages": ["vi"], "needs_escort": True},
    {
        "age_band": AgeBand.UNDER_16,
        "sex": Sex.FEMALE,
        "languages": ["km"],
        "needs_interpreter": True,
        "needs_escort": True,
    },
)
SHEET = {"rooms": 6, "places": 12, "staff": 5, "interpreters": ["lo"], "equipment": []}
"""What the house has: nobody there speaks Khmer."""


def are_handed_over(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Immigration announces three people, and the house prepares; two come, one does not."""
    announcer, day = exchange.client(ANNOUNCER), morning_of(exchange.dial.now, DAYS_BEFORE)
    notice = posted(announcer, NOTICES, notice_for(day))
    held = exchange.until("held places", partial(held_for, exchange, notice["id"]))
    board.announce(Shown.HANDOVER_ANNOUNCED, PLACE, told=held["facility_id"], lacks=held["lacking"])
    yield exchange.dial.now + A_WHILE
    prepare(exchange, held)
    lacks = held_for(exchange, notice["id"])["lacking"]
    if lacks != [Lack.INTERPRETERS]:
        raise DidNotComeAbout(f"{Shown.HANDOVER_PREPARED}: {lacks}")
    board.announce(Shown.HANDOVER_PREPARED, PLACE, told=held["facility_id"], lacks=lacks)
    yield day
    for number, key in COME.items():
        exchange.submit(key, (), advance_notice={"id": notice["id"], "number": number})
    where = f"{NOTICES}/{notice['id']}"
    posted(announcer, f"{where}/people/3/absence", {"reason": AbsenceReason.NOT_HANDED_OVER})
    met = read(announcer, where)["people"]
    if [it["status"] for it in met] != [*2 * [ExpectedStatus.RECEIVED], ExpectedStatus.ABSENT]:
        raise DidNotComeAbout(Shown.HANDED_OVER)
    for person in met[:2]:
        exchange.until("an expected stay", partial(stay_of, exchange, person["case_id"]))
    board.announce(Shown.HANDED_OVER, PLACE, told=held["facility_id"], lacks=())


def notice_for(day: datetime) -> dict[str, Any]:
    """Three people on a day, with what a house prepares for each."""
    return {
        "route": Route.BILATERAL_HANDOVER,
        "expected_on": local_date(day).isoformat(),
        "unit_code": PLACE,
        "people": PEOPLE,
    }


def prepare(exchange: Exchange, held: Mapping[str, Any]) -> None:
    """The house tells what it has, and who goes along with the two under 18."""
    facility = exchange.client_of(held["facility_id"])
    today = local_date(exchange.dial.now).isoformat()
    posted(facility, f"{LIVELIHOOD}/readiness-sheets", {"valid_from": today, **SHEET})
    posted(facility, f"{HELD}/{held['notice_id']}/answer", {"escorts": 2})


def held_for(exchange: Exchange, notice_id: str) -> Any:
    """The places that are held for a notice, once a house holds them."""
    found = every(exchange.owner, HELD, notice_id=notice_id)
    return next((it for it in found if it["facility_id"]), None)


def stay_of(exchange: Exchange, case_id: str) -> Any:
    """The stay that somebody is expected for, once they are."""
    return next(iter(every(exchange.owner, f"{LIVELIHOOD}/stays", case_id=case_id)), None)
