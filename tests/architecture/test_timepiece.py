"""Where the day may lie back: in the demonstration of deadlines, and nowhere else."""

from pathlib import Path

import pytest

from deploy.deadlines.dial import SETTINGS
from services.directory.settings import DirectorySettings
from services.intake.settings import IntakeSettings
from services.livelihood_support.settings import LivelihoodSupportSettings
from services.notification.settings import NotificationSettings
from services.verification.settings import VerificationSettings
from shared.kit.settings import DatedSettings
from tests.architecture.source import ROOT, python_files

FOLLOWING: list[type[DatedSettings]] = [
    IntakeSettings,
    LivelihoodSupportSettings,
    VerificationSettings,
]
SETTING = "delay_file"


def naming(word: str, *folders: str) -> set[str]:
    return {
        path.as_posix() for path in python_files(*folders) if word in Path(path).read_text("utf-8")
    }


def test_the_file_is_read_by_the_timepiece_that_settings_make_alone() -> None:
    assert {Path(it).name for it in naming("Delayed", "services", "shared", "deploy")} == {
        "settings.py",
        "timepiece.py",
    }
    assert {Path(it).name for it in naming(SETTING, "services", "shared")} == {"settings.py"}


def test_only_the_demonstration_of_deadlines_names_it() -> None:
    found = naming(SETTING.upper(), "services", "shared", "deploy")
    assert {Path(it).name for it in found} == {"dial.py"}


@pytest.mark.parametrize("name", ["docker-compose.yml", "deploy/compose", "deploy/Dockerfile"])
def test_no_installation_in_containers_names_it(name: str) -> None:
    place = ROOT / name
    files = [it for it in place.rglob("*") if it.is_file()] if place.is_dir() else [place]
    assert files
    for path in files:
        assert SETTING not in path.read_text("utf-8", errors="replace").lower(), path


def test_who_keeps_tokens_sessions_and_deliveries_stays_in_the_present() -> None:
    named = {f"{it.model_config['env_prefix']}{SETTING.upper()}" for it in FOLLOWING}
    assert set(SETTINGS) == named
    assert not issubclass(DirectorySettings, DatedSettings)
    assert not issubclass(NotificationSettings, DatedSettings)
