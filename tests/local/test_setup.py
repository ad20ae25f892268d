"""The set-up: it finds a Python, mends what was cut short, and says what it lacks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "deploy" / "setup.sh"
TOOLS = ("sh", "grep", "sed", "cat", "chmod", "rm", "dirname")

# A Python of another version, as far as the set-up asks: it has packages or not, and can be run.
OTHER = """#!/bin/sh
case "$*" in
  *"not in"*) exit {has_packages} ;;
  *-V*) echo "Python 3.99.0" ;;
  *"-m venv"*) echo {name} > chosen; exec {real} "$@" ;;
esac
"""

Setup = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a difficult name, whose lock file asks for nothing."""
    made = tmp_path / "it's here"
    (made / "deploy").mkdir(parents=True)
    (made / "deploy" / "cli.py").write_text("import sys\nprint(sys.prefix, *sys.argv[1:])\n")
    (made / "empty.lock").write_text("# nothing\n")
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A machine with the usual tools and nothing else."""
    made = tmp_path / "bin"
    made.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (made / tool).symlink_to(found)
    return made


@pytest.fixture
def setup(checkout: Path, path: Path) -> Setup:
    def run(python: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", os.fspath(SETUP), python, ".venv", "empty.lock"],
            cwd=checkout,
            env={"PATH": os.fspath(path), "HOME": os.fspath(checkout)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def python(path: Path, *, has_packages: bool) -> None:
    wanted = 0 if has_packages else 1
    script(path, OTHER.format(has_packages=wanted, name=path.name, real=sys.executable))


def test_an_environment_cut_short_is_made_anew_without_uv_and_in_any_folder(
    setup: Setup, checkout: Path, path: Path, tmp_path: Path
) -> None:
    venv = checkout / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.fspath(venv)], check=True)
    (venv / "left-over").touch()
    script(path / "uv", "#!/bin/sh\necho 'uv cannot reach the index' >&2\nexit 2\n")
    (path / "cc").symlink_to("/bin/true")

    done = setup(sys.executable)

    assert done.returncode == 0, done.stderr
    assert not (venv / "left-over").exists()
    asked = [os.fspath(venv / "bin" / "nhipcau"), "a word"]
    said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == f"{venv} a word\n"


def test_a_python_with_ready_made_packages_goes_before_a_newer_one(
    setup: Setup, checkout: Path, path: Path
) -> None:
    python(path / "python3", has_packages=False)
    python(path / "python3.12", has_packages=True)
    # What a version manager leaves behind for versions that are not there.
    script(path / "python3.11", "#!/bin/sh\nexit 127\n")
    (path / "cc").symlink_to("/bin/true")
    done = setup()
    assert done.returncode == 0, done.stderr
    assert (checkout / "chosen").read_text() == "python3.12\n"


def test_without_a_ready_made_redis_or_a_compiler_it_says_what_to_install(
    setup: Setup, checkout: Path, path: Path
) -> None:
    python(path / "python3", has_packages=False)
    python(checkout / ".venv" / "bin" / "python", has_packages=False)
    done = setup()
    assert done.returncode == 1
    assert "Python 3.99.0" in done.stderr
    assert "no C compiler" in done.stderr
    # Or the next try would go on with the wrong Python.
    assert not (checkout / ".venv").exists()


def test_without_python_it_says_so(setup: Setup) -> None:
    done = setup()
    assert done.returncode == 1
    assert "Python 3.11 or 3.12 is needed" in done.stderr
