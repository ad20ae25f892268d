"""The demonstration's own folder: one at a time, empty at the beginning, kept at the end."""

from pathlib import Path

import pytest

from deploy.demo.place import EXCHANGE, OWN, DemonstrationRunning, stage
from deploy.local.supervisor import Supervisor
from deploy.stack.folder import NotOurs


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_a_demonstration_leaves_is_kept_until_the_next() -> None:
    with stage(None) as folder:
        folder.mkdir()
        (folder / "logs").touch()
    assert folder == OWN / EXCHANGE
    assert (folder / "logs").exists()
    with stage(None) as again:
        assert again == folder
        assert not folder.exists()


def test_what_lies_elsewhere_is_erased_with_it(tmp_path: Path) -> None:
    elsewhere = tmp_path / "nhipcau-elsewhere"
    elsewhere.mkdir()
    with stage(None) as folder:
        folder.mkdir()
        (folder / "moved-to").write_text(f"{elsewhere}\n")
        assert elsewhere.exists()
    assert not elsewhere.exists()
    # One that was killed erased nothing: the next does.
    elsewhere.mkdir()
    (folder / "moved-to").write_text(f"{elsewhere}\n")
    with stage(None):
        assert not elsewhere.exists()


def test_a_second_demonstration_is_told_that_one_runs_and_disturbs_nothing() -> None:
    with stage(None) as folder:
        folder.mkdir()
        (folder / "logs").touch()
        with pytest.raises(DemonstrationRunning, match="--data"), stage(None):
            pytest.fail("two demonstrations run in one folder")
        assert (folder / "logs").exists()


def test_what_still_runs_in_the_folder_is_not_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.place.TAKEOVER", 0.1)
    with stage(None) as folder:
        pass
    with Supervisor(folder):
        with pytest.raises(DemonstrationRunning), stage(None):
            pytest.fail("the folder was taken from whoever works in it")
        assert (folder / "logs").exists()


def test_a_folder_that_was_asked_for_is_neither_erased_nor_taken_from_others(
    tmp_path: Path,
) -> None:
    asked = tmp_path / "asked"
    with stage(asked) as folder:
        folder.mkdir()
        (folder / "thesis").touch()
    with pytest.raises(NotOurs), stage(asked):
        pytest.fail("somebody's folder was used")
    assert (asked / "thesis").exists()


def test_git_never_sees_it() -> None:
    with stage(None):
        assert (OWN / ".gitignore").read_text().splitlines()[-1] == "*"
