"""Which moment it is for a service: the machine's, or in a demonstration one that lies back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.kit.clock import utc_now
from shared.kit.settings import DatedSettings, ServiceSettings
from shared.kit.timepiece import PRESENT, Delayed
from tests.kit.test_settings import GIVEN

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = "http://127.0.0.1:8700"


@pytest.fixture
def told(tmp_path: Path) -> Path:
    path = tmp_path / "seconds-behind"
    path.write_text(f"{DAY.total_seconds()}\n", encoding="ascii")
    return path


def test_a_service_lives_in_the_present() -> None:
    assert PRESENT.at(NOON) == NOON
    assert abs(PRESENT.now() - utc_now()) < timedelta(seconds=5)


def test_a_delayed_one_lies_back_by_what_the_file_tells_live(told: Path) -> None:
    timepiece = Delayed(told)
    assert timepiece.at(NOON) == NOON - DAY
    told.write_text("60", encoding="ascii")
    assert timepiece.at(NOON) == NOON - timedelta(minutes=1)
    assert utc_now() - timepiece.now() < timedelta(minutes=2)


def test_what_is_done_each_minute_is_due_once_a_day_is_jumped_over(told: Path) -> None:
    timepiece = Delayed(told)
    before = timepiece.seconds()
    told.write_text("0", encoding="ascii")
    assert timepiece.seconds() - before >= DAY.total_seconds()


@given(told=st.lists(st.floats(0, 1e8), min_size=1, max_size=8))
def test_it_never_goes_back(told: list[float], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("dial") / "seconds-behind"
    timepiece, moments = Delayed(path), []
    for seconds in told:
        path.write_text(f"{seconds}", encoding="ascii")
        moments.append(timepiece.at(NOON))
    assert moments == sorted(moments)
    assert max(moments) <= NOON


@pytest.mark.parametrize("words", ["", "soon", "-1", "nan", "inf"])
def test_a_file_that_tells_no_time_is_a_fault(told: Path, words: str) -> None:
    told.write_text(words, encoding="ascii")
    with pytest.raises(ValueError, match=r"float|back"):
        Delayed(told).now()


def test_a_service_of_dates_follows_the_file_on_its_own_machine(told: Path) -> None:
    settings = DatedSettings(**GIVEN, issuer=HERE, delay_file=told)
    assert settings.timepiece.at(NOON) == NOON - DAY


def test_without_a_file_it_is_the_present() -> None:
    assert DatedSettings(**GIVEN).timepiece is PRESENT


@pytest.mark.parametrize("issuer", ["https://nhipcau.haiphong.test", "http://127.0.0.1.test:80"])
def test_no_installation_for_real_people_begins_in_the_past(told: Path, issuer: str) -> None:
    with pytest.raises(ValidationError, match="demonstration"):
        DatedSettings(**GIVEN, issuer=issuer, delay_file=told)


def test_nor_does_one_without_the_file_that_it_names(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="delay_file"):
        DatedSettings(**GIVEN, issuer=HERE, delay_file=tmp_path / "nowhere")


def test_a_service_that_must_agree_with_others_cannot_be_told_of_one(told: Path) -> None:
    given = {**GIVEN, "issuer": HERE, "delay_file": told}
    assert ServiceSettings(**given).timepiece is PRESENT
