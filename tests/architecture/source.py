"""The project's own source, read as trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("services", "shared", "deploy")
EVERYTHING = (*PRODUCT, "tests")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Python files of some folders, relative to the project, without migrations."""
    found = [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "versions" not in path.parts
    ]
    assert found, f"there is no source in {folders}"
    return tuple(found)


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


@cache
def lines(path: Path) -> tuple[str, ...]:
    """A file's lines."""
    return tuple((ROOT / path).read_text("utf-8").splitlines())


def method_calls(path: Path, names: set[str]) -> Iterator[tuple[int, str]]:
    """Lines on which something's method with one of these names is called."""
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in names
        ):
            yield node.lineno, node.func.attr


def imported(path: Path) -> set[str]:
    """The top-level packages a file imports."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def decorated(path: Path, owner: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions decorated by a method of something called ``owner`` (``@router.get``)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            _owner(decorator) == owner for decorator in node.decorator_list
        ):
            yield node


def _owner(decorator: ast.expr) -> str:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
        return call.value.id
    return ""


def statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is, wherever the formatter breaks its lines: inner statements count."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return sum(isinstance(node, ast.stmt) for part in body for node in ast.walk(part))
