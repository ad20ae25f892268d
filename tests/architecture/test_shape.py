"""The parts of the project: services of one shape, directions of imports, sizes of files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.contracts import Queue
from tests.architecture.source import (
    EVERYTHING,
    ROOT,
    decorated,
    lines,
    python_files,
    statements,
    tree,
)

FILES = {
    "README.md", "__init__.py", "app.py", "worker.py", "relay.py", "back.py", "api.py", "tasks.py",
    "schemas.py", "domain.py", "policy.py", "models.py", "errors.py", "settings.py", "migrations",
    "examples.py",
}  # fmt: skip
"""What every service has; a file that outgrew 400 lines is a package of the same name."""

OPTIONAL = {"channels.py", "gateways.py"}
DATA = {
    queue: {"texts"}
    | {
        Queue.DIRECTORY: {"seed"},
        Queue.LIVELIHOOD_SUPPORT: {"rules"},
        Queue.NOTIFICATION: {"rules"},
    }.get(queue, set())
    for queue in Queue
}
"""Folders of facts, not code."""

CONSOLE = "console"
"""Pages for people: no service of the exchange, but a client of all of them."""

SERVICES = pytest.mark.parametrize("service", Queue)


def entries(folder: Path) -> set[str]:
    """Files of a folder; a package counts as the module of its name."""
    return {
        f"{path.name}.py" if (path / "__init__.py").exists() else path.name
        for path in folder.iterdir()
        if path.name != "__pycache__" and not path.name.startswith(".")
    }


def test_imports_keep_their_directions() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_exactly_the_services_that_have_queues() -> None:
    folders = {path.name for path in (ROOT / "services").iterdir() if path.is_dir()}
    assert folders - {"__pycache__", CONSOLE} == {str(queue) for queue in Queue}
    assert len(Queue) == 5


@SERVICES
def test_a_service_has_the_files_every_service_has(service: Queue) -> None:
    found = entries(ROOT / "services" / service)
    missing = FILES - found
    unknown = found - FILES - OPTIONAL - DATA.get(service, set())
    assert not missing, f"services/{service} lacks {sorted(missing)}"
    assert not unknown, f"services/{service} must not have {sorted(unknown)}"


@SERVICES
def test_a_service_says_what_it_is_for_in_one_sentence(service: Queue) -> None:
    source = ROOT / "services" / service / "__init__.py"
    assert re.fullmatch(r'"""[^\n]+\."""', source.read_text("utf-8").strip())


@SERVICES
def test_folders_of_facts_hold_no_code(service: Queue) -> None:
    for name in DATA.get(service, set()):
        assert not list((ROOT / "services" / service / name).rglob("*.py"))


@SERVICES
def test_a_service_has_a_migration(service: Queue) -> None:
    versions = [
        path.name for path in (ROOT / "services" / service).glob("migrations/versions/*.py")
    ]
    assert versions, f"services/{service}/migrations/versions is empty"
    assert all(re.match(r"\d{4}_[a-z0-9_]+\.py$", name) for name in versions), versions


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "base_utils", "tools"}
    found = [str(path) for path in python_files(*EVERYTHING) if path.stem in drawers]
    assert not found


def test_no_class_is_named_after_its_having_methods() -> None:
    vague = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Service|Handler|Impl)$")
    found = [
        f"{path}: {node.name}"
        for path in python_files(*EVERYTHING)
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and vague.search(node.name)
    ]
    assert not found


def test_no_file_is_longer_than_400_lines() -> None:
    found = [
        f"{path}: {len(lines(path))}"
        for path in python_files(*EVERYTHING)
        if len(lines(path)) > 400
    ]
    assert not found


def long_functions(room: str, owner: str, most: int) -> list[str]:
    """Functions of a room, decorated by this owner, that have more statements than that."""
    return [
        f"{path}:{function.lineno} {function.name} has {statements(function)} statements"
        for path in python_files("services", "shared/messaging")
        if room in parts(path)
        for function in decorated(path, owner)
        if statements(function) > most
    ]


def test_message_handlers_have_fewer_than_ten_statements() -> None:
    assert not long_functions("tasks", "consumer", most=9)


def test_routes_have_at_most_ten_statements() -> None:
    assert not long_functions("api", "router", most=10)


def test_the_measure_of_functions_finds_them() -> None:
    assert long_functions("tasks", "consumer", most=0)
    assert len(long_functions("api", "router", most=0)) > 3


def parts(path: Path) -> set[str]:
    return {path.stem, *path.parts}


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in written()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if later.search(line)
    ]
    assert not found


def written() -> list[Path]:
    """Whatever people write: code, documents and configuration."""
    kinds = {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".sql", ".conf"}
    folders = [ROOT / name for name in (*EVERYTHING, "docs", ".ci")]
    inside = [path for folder in folders if folder.exists() for path in folder.rglob("*")]
    return [path for path in [*ROOT.iterdir(), *inside] if path.suffix in kinds and path.is_file()]


def tracked() -> list[tuple[str, str]]:
    """Every file of the repository that is text, with what it says."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    found = []
    for name in names:
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            found.append((name, content.decode()))
    return found


PRIVATE = re.compile(
    r"/(?:home|Users|work|root)/\w" + r"|(?:extra[-_])?index[-_]" + r"url|find-" + r"links",
    re.IGNORECASE,
)
"""A developer's own folder, or a place to get packages from; written so as not to find itself."""


def test_no_file_names_a_folder_of_a_developer_or_a_package_index() -> None:
    found = [
        f"{name}:{number}"
        for name, content in tracked()
        for number, line in enumerate(content.splitlines(), 1)
        if PRIVATE.search(line)
    ]
    assert not found


@pytest.mark.parametrize(
    "line", ["cd /" + "work/main", "--extra-index-" + "url x", "PIP_INDEX_" + "URL=x"]
)
def test_the_search_for_what_is_private_finds_it(line: str) -> None:
    assert PRIVATE.search(line)
