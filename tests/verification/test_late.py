"""A case that comes in late is verified by the law of the day on which it was received."""

from datetime import UTC, date, datetime

import pytest

from services.verification.policy import VerificationStatus
from shared.contracts.vocabulary import AgeBand, PaperType, Regime
from tests.verification.builders import Bench
from tests.verification.test_tasks import Post

LAST_OF_THE_OLD = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
FIRST_OF_THE_NEW = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
"""Midnight in Hải Phòng."""


@pytest.mark.parametrize(
    ("received_at", "regime"),
    [(LAST_OF_THE_OLD, Regime.LAW_2011), (FIRST_OF_THE_NEW, Regime.LAW_2024)],
)
def test_the_law_of_the_day_of_reception_applies(
    bench: Bench, received_at: datetime, regime: Regime
) -> None:
    bench.police()
    post = Post(bench)
    told = post.case(received_at=received_at)
    post.hand(told)
    made = bench.of(told.case_id)
    assert (made.regime, made.received_at) == (regime, received_at)


def test_the_period_runs_from_the_day_the_authority_was_asked(bench: Bench) -> None:
    """Nobody is overdue before they were asked; how long they have, the older law says."""
    bench.police()
    made = bench.opened(received_at=LAST_OF_THE_OLD)
    assert bench.asked_on(made) == date(2026, 3, 2)
    assert bench.clock(made).period.regime is Regime.LAW_2011
    assert bench.last_day(made) > date(2026, 3, 2)


def test_a_paper_issued_between_reception_and_telling_still_proves(bench: Bench) -> None:
    made = bench.opened(
        papers=[PaperType.POLICE_CERTIFICATE],
        issued_on=date(2025, 8, 1),
        received_at=LAST_OF_THE_OLD,
        shown_at=bench.now,
    )
    assert made.status == VerificationStatus.CONCLUDED
    assert (made.identified_on, made.regime) == (date(2025, 8, 1), Regime.LAW_2024)


def test_a_paper_of_a_child_is_judged_by_the_age_on_the_day_of_telling(bench: Bench) -> None:
    """The band told is that of the day of telling, so is what was possible sixteen years before."""
    made = bench.opened(
        papers=[PaperType.POLICE_CERTIFICATE],
        issued_on=date(2010, 1, 1),
        age_band=AgeBand.UNDER_16,
        received_at=LAST_OF_THE_OLD,
        shown_at=bench.now,
    )
    assert made.status != VerificationStatus.CONCLUDED
