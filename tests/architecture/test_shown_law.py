"""A status is shown no stronger than its row: no code makes one up, no page leaves it out."""

import ast
import re
from pathlib import Path

import pytest

import services
import shared
from shared.kit.shapes import Shape
from shared.law import Certainty
from shared.law.shapes import BasisRead
from tests.architecture.source import PRODUCT, ROOT, python_files, tree
from tests.architecture.test_texts import modules

OF_A_RECORD = {
    "services/directory": "how certain what is said of an organisation or a programme is: no rule",
    "services/console/pages/administration": "the same, on the pages of an administrator",
    "shared/law": "where rows are read and compared",
    "shared/rulebook": "a published row that names no law is assumed",
}
"""Who may name a certainty, and of what."""
TEMPLATES = sorted((ROOT / "services" / "console" / "templates").rglob("*.html"))
SHOWN = re.compile(r"law\(\s*([a-z_.]+)\.legal_ref")


def shapes() -> set[type[Shape]]:
    return {
        found
        for package in (shared, services)
        for module in modules(package)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Shape)
    }


def test_every_shape_that_names_a_text_of_law_says_how_certain_it_is() -> None:
    found = {it for it in shapes() if "legal_ref" in it.model_fields}
    assert len(found) > 5
    for shape in found:
        assert issubclass(shape, BasisRead), shape
        assert shape.model_fields["status"].annotation is Certainty, shape
        assert shape.model_fields["status"].is_required(), f"{shape} would make a status up"


def test_no_code_beside_the_rows_names_a_certainty_of_law() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in python_files(*PRODUCT)
        if not str(path).startswith(tuple(OF_A_RECORD))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Certainty"
    ]
    assert not found, "a status comes from a row"


@pytest.mark.parametrize("beginning", OF_A_RECORD)
def test_who_may_name_a_certainty_does(beginning: str) -> None:
    found = [path for path in python_files(*PRODUCT) if str(path).startswith(beginning)]
    assert any("Certainty." in (ROOT / path).read_text("utf-8") for path in found)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_page_that_names_a_text_of_law_says_how_certain_it_is(template: Path) -> None:
    source = template.read_text("utf-8")
    for what in SHOWN.findall(source):
        assert f"{what}.status" in source, f"{what}.legal_ref without its status"


def test_pages_that_name_a_text_of_law_are_found() -> None:
    assert sum(bool(SHOWN.search(path.read_text("utf-8"))) for path in TEMPLATES) >= 3
