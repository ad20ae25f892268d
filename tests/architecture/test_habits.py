"""What imports cannot say: who may commit, who may send, what may be swallowed, who has a clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    PRODUCT,
    ROOT,
    imported,
    lines,
    method_calls,
    python_files,
    tree,
)

COMMITTERS = {
    Path("shared/kit/database.py"),
    Path("shared/kit/migrations.py"),
    Path("shared/kit/round_trips.py"),
}
BROKER = Path("shared/messaging/broker.py")
TRANSPORT = Path("shared/messaging/transport.py")
WORKER = Path("shared/messaging/celery_worker.py")

REASONED = re.compile(r"#\s*noqa: BLE001 - \w+")


def places(found: list[tuple[Path, int, str]]) -> str:
    return "\n".join(f"{path}:{line} {what}" for path, line, what in found)


def test_only_the_kit_commits_and_rolls_back() -> None:
    found = [
        (path, line, name)
        for path in python_files(*PRODUCT)
        if path not in COMMITTERS
        for line, name in method_calls(path, {"commit", "rollback"})
    ]
    assert not found, f"one transaction is one request or one frame:\n{places(found)}"


def test_nobody_uses_celerys_own_sending() -> None:
    found = [
        (path, line, name)
        for path in python_files(*PRODUCT)
        for line, name in method_calls(path, {"send_task", "apply_async", "delay", "retry"})
    ]
    assert not found, f"add a message to the outbox instead:\n{places(found)}"


def test_only_a_worker_knows_celery_and_only_the_broker_and_its_transport_know_kombu() -> None:
    knowing = {
        library: {path for path in python_files(*PRODUCT) if library in imported(path)}
        for library in ("celery", "kombu")
    }
    assert knowing == {"celery": {WORKER}, "kombu": {BROKER, TRANSPORT}}


def test_the_broker_publishes_in_one_place_for_tasks_and_one_for_receipts() -> None:
    producers = [line for line, _ in method_calls(BROKER, {"publish"})]
    assert len(producers) == 2


def handlers(path: Path) -> list[ast.ExceptHandler]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]


def caught(handler: ast.ExceptHandler) -> str:
    return ast.unparse(handler.type) if handler.type else "everything"


def raises(handler: ast.ExceptHandler) -> bool:
    """Whether it lets some of what it catches pass; the linter asks those for no reason."""
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_whoever_catches_every_exception_says_why() -> None:
    found = [
        (path, handler.lineno, "say why behind `# noqa: BLE001 - `")
        for path in python_files(*PRODUCT)
        for handler in handlers(path)
        if caught(handler) in {"Exception", "everything"}
        and not raises(handler)
        and not REASONED.search(lines(path)[handler.lineno - 1])
    ]
    assert not found, places(found)


def test_whoever_catches_the_end_of_the_process_raises_it_again() -> None:
    found = [
        (path, handler.lineno, "never raises")
        for path in python_files(*PRODUCT)
        for handler in handlers(path)
        if caught(handler) in {"BaseException", "everything"} and not raises(handler)
    ]
    assert not found, places(found)


def test_rules_use_cases_and_tables_read_no_clock() -> None:
    rooms = {"domain", "policy", "models", "errors", "schemas", "tasks"}
    found = [
        (path, node.lineno, ast.unparse(node.func))
        for path in python_files("services")
        if rooms & {path.stem, *path.parts}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"utc_now", "datetime.now", "date.today", "datetime.today", "time.time"}
    ]
    assert not found, f"`now` is a fact the edge hands on:\n{places(found)}"


def test_nothing_waits_inside_a_service() -> None:
    found = [
        (path, line, name)
        for path in python_files("services")
        if path.stem not in {"app", "worker", "relay"} and "gateways" not in parts(path)
        for line, name in method_calls(path, {"sleep"})
    ]
    assert not found, places(found)


def parts(path: Path) -> set[str]:
    return {path.stem, *path.parts}


def test_environment_variables_are_read_by_settings_only() -> None:
    found = [
        (path, node.lineno, "os.environ")
        for path in python_files("services", "shared")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert not found, places(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("session.commit()", 1),
        ("a.b.rollback()", 1),
        ("commit()", 0),
        ("transaction.commit", 0),
    ],
)
def test_the_search_for_commits_finds_calls_of_methods(
    source: str, expected: int, tmp_path: Path
) -> None:
    file = tmp_path / "source.py"
    file.write_text(source)
    assert len(list(method_calls(file, {"commit", "rollback"}))) == expected


OUTSIDE = re.compile(r"\bparents\[3\]|\bROOT\.parent\b|shared[/\"]+ ?/? ?\"?vectors")


def test_a_clone_alone_runs_every_test() -> None:
    found = [
        (path, number, line.strip())
        for path in python_files("tests")
        if path != Path("tests/architecture/test_habits.py")
        for number, line in enumerate(lines(path), start=1)
        if OUTSIDE.search(line)
    ]
    assert not found, f"what a test needs lies in tests/vectors:\n{places(found)}"


ANSWERS = re.compile(
    r"shared\.kit(\.| import .*\b)(idempotency|problems|http|conditional|pages|routing)\b"
)


def test_the_domain_knows_no_answers() -> None:
    found = [
        (path, number, line)
        for path in python_files("services")
        if {"domain", "policy", "domain.py", "policy.py", "errors.py"} & set(path.parts)
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if ANSWERS.search(line)
    ]
    assert not found, f"return facts or raise refusals; the api answers:\n{places(found)}"


SUBQUERIES = {"select", "union_all", "resting"}


def begun_with(node: ast.AST) -> str:
    """Of a chain of calls, what is called first."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def lists_of_any_length(source: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls of ``in_`` with something other than a subquery, or codes that stand in the source."""
    for function in ast.walk(source):
        if not isinstance(function, ast.FunctionDef):
            continue
        inside = list(ast.walk(function))
        subqueries = {
            target.id
            for node in inside
            if isinstance(node, ast.Assign) and begun_with(node.value) in SUBQUERIES
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in inside:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"in_", "not_in", "notin_"}
                and not _has_one_length(node.args[0], subqueries)
            ):
                yield node.lineno, ast.unparse(node)


def _has_one_length(argument: ast.expr, subqueries: set[str]) -> bool:
    match argument:
        case ast.Name(name):
            return name.isupper() or name in subqueries
        case ast.Tuple(elements) | ast.List(elements):
            return not any(isinstance(it, ast.Starred) for it in elements)
        case _:
            return begun_with(argument) in SUBQUERIES


def test_a_statement_is_the_same_however_many_values_it_asks_for() -> None:
    found = [
        (path, line, what)
        for path in python_files("services", "shared")
        for line, what in lists_of_any_length(tree(path))
    ]
    assert not found, f"`among` of shared.kit.arrays takes them as one:\n{places(found)}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Case.id.in_(ids)", 1),
        ("Case.id.not_in([it.id for it in cases])", 1),
        ("Case.id.in_((*FIRST, *second))", 1),
        ("Case.id.in_(found.keys())", 1),
        ("Case.status.in_(OPEN)", 0),
        ("Case.status.in_((Status.OPEN, Status.PAUSED))", 0),
        ("Case.id.not_in(resting(SWEEP))", 0),
        ("Case.id.in_(select(Case.id).where(Case.is_open))", 0),
        ("held = select(Case.id).limit(2); Case.id.in_(held)", 0),
    ],
)
def test_the_search_for_lists_of_any_length_finds_them(source: str, expected: int) -> None:
    assert len(list(lists_of_any_length(ast.parse(f"def f(): {source}")))) == expected
