"""A service joins an installation that the release before has made and worked with."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.ports import free_port
from deploy.local.scratch import scratch
from deploy.stack.environment import CODE
from shared.contracts import CaseReceived, OrganisationChanged
from tests.system import newcomer

pytestmark = [pytest.mark.demo, pytest.mark.long]

BEFORE = "4b22d87e708012ce8ca272c9c5d58316c76c59ab"
"""The release before services could join."""
WITHOUT_OFFICERS = "95d82b36604acdb8788bb60cb4aa64428c33dd2e"
"""The release before intake was told who acts in cases."""
AGENCY = Path(__file__).with_name("agency.py")
MANY = 12

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Joined:
    """What was there before the newcomer, and after."""

    folder: Path
    before: Found
    after: Found
    former_keys: Mapping[str, Any]
    keys: Mapping[str, Any]


@pytest.fixture(scope="module")
def joined() -> Iterator[Joined]:
    """Cases under the release before, then the present one with one service more."""
    with scratch() as folder:
        former, present, data = folder / "former", folder / "present", folder / "data"
        _unpack(BEFORE, former)
        _copy(present)
        newcomer.put_into(present)
        before = _work(former, data, 0, MANY)
        former_keys = _keys(data)
        after = _work(present, data, 0, MANY + 1, "directory", "intake")
        yield Joined(data, before, after, former_keys, _keys(data))


@pytest.fixture(scope="module")
def upgraded() -> Iterator[tuple[Found, Found]]:
    """A case and people under a release that told nobody of its officers, then the present one."""
    with scratch() as folder:
        former, present, data = folder / "former", folder / "present", folder / "data"
        _unpack(WITHOUT_OFFICERS, former)
        _copy(present)
        yield _work(former, data, 0, 1), _work(present, data, 0, 2)


def _unpack(commit: str, folder: Path) -> None:
    """The code of a commit; without the history there is nothing to upgrade from."""
    known = _git("cat-file", "-e", f"{commit}^{{commit}}")
    if known.returncode:
        pytest.skip(f"the history up to {commit[:7]} is not here: fetch it to try the upgrade")
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    assert _git("archive", "--output", str(archive), commit).returncode == 0
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)


def _copy(folder: Path) -> None:
    """The code under test, as it lies here."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, listed.split("\0")):
        if (CODE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CODE / name, folder / name)


def _git(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *words], cwd=CODE, capture_output=True, text=True, check=False)


def _work(code: Path, data: Path, *asked: object) -> Found:
    done = subprocess.run(
        [sys.executable, str(AGENCY), str(data), str(free_port()), *map(str, asked)],
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code), "LANG": "en_US.UTF-8", "LC_ALL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def _keys(data: Path) -> dict[str, Any]:
    files = (data / "keys").iterdir()
    return {it.name: it.read_text(encoding="utf-8") for it in files}


def test_who_was_there_keeps_every_key_and_password(joined: Joined) -> None:
    links = {name for name in joined.former_keys if name.endswith("_links.json")}
    assert len(links) == 5
    for name in set(joined.former_keys) - links - {"passwords.json"}:
        assert joined.keys[name] == joined.former_keys[name], name
    former, present = (json.loads(it["passwords.json"]) for it in (joined.former_keys, joined.keys))
    assert former.items() <= present.items()
    assert present.keys() - former.keys() == {"newcomer", "newcomer_owner", "redis_newcomer"}
    for name in links:
        before, after = (json.loads(it[name])["links"] for it in (joined.former_keys, joined.keys))
        assert before.items() <= after.items()
        assert after.keys() - before.keys() == {newcomer.NAME}


def test_everything_that_was_there_is_there_and_every_message_is_balanced(joined: Joined) -> None:
    """Submitted again under their keys, the cases are the same; one more comes after them."""
    before, after = joined.before["cases"], joined.after["cases"]
    assert len(before) == MANY
    assert before.items() <= after.items()
    assert len(after) == MANY + 1
    assert joined.after["balance"]["parked"] == 0
    assert joined.after["breaches"] == []


def test_the_newcomer_knows_all_that_it_may_be_told_of_each_once(joined: Joined) -> None:
    counted, told, again = joined.after["said"][1]
    assert f" {MANY} " in counted
    assert f"Told to newcomer: {MANY}." in told
    assert "Told to newcomer: 0." in again
    heard = joined.after["heard"]
    cases = {about for kind, about in heard if kind == CaseReceived.type}
    organisations = {about for kind, about in heard if kind == OrganisationChanged.type}
    assert cases == set(joined.after["cases"])
    assert len(organisations) > MANY
    assert len(heard) == len(cases) + len(organisations)


def test_an_upgrade_tells_by_itself_who_acted_in_cases_before_it(
    upgraded: tuple[Found, Found],
) -> None:
    before, after = upgraded
    assert before["acting"]
    assert before["officers"] == []
    assert set(before["acting"]) <= set(after["officers"])
    assert after["officers"] == after["acting"]
    assert before["cases"].items() <= after["cases"].items()
    assert (after["balance"]["parked"], after["breaches"]) == (0, [])
