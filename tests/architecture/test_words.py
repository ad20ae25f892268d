"""What is written for readers can be read from any country: whole phrases, and nobody's pronoun."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.contracts import Queue
from tests.architecture.applications import SERVICES
from tests.architecture.source import PRODUCT, ROOT, python_files

PRONOUN = re.compile(r"\b(?:she|her|hers|herself|he|him|his|himself)\b", re.IGNORECASE)
FEWEST = 4


def described(document: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Every field and every parameter of an interface, with what is said about it."""
    for name, schema in document["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            yield f"{name}.{field}", about.get("description")
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                yield f"{path} {parameter['name']}", parameter.get("description")


def explained(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every operation and every shape of an interface, with what is said about it."""
    for name, schema in document["components"]["schemas"].items():
        # A vocabulary explains its codes where it is used.
        if "properties" in schema:
            yield name, schema.get("description", "")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation.get("description", "")


FRAGMENT = re.compile(r"(?:^|[.:;]\s)(?:\d{3}\b|[Nn]eeded by|[Ww]ith [\w-]+, \d)")
"""How notes begin that leave out their verb: a status, or the conditions of one."""


def is_explained(text: str) -> bool:
    """Whether it is a sentence or several, none of them a note."""
    said = " ".join(text.split())
    return is_phrase(said) and not FRAGMENT.search(said)


def is_phrase(text: str | None) -> bool:
    """Whether it can be understood without the name of the field before it."""
    if text is None or not text.rstrip().endswith("."):
        return False
    return len(text.split()) >= FEWEST and not text.startswith("Of ")


@SERVICES
def test_every_field_and_parameter_is_described_in_a_whole_phrase(
    queue: Queue, application: FastAPI
) -> None:
    found = dict(described(application.openapi()))
    assert len(found) > 20
    bare = {name: text for name, text in found.items() if not is_phrase(text)}
    assert not bare, "\n".join(f"{name}: {text}" for name, text in bare.items())


@SERVICES
def test_every_operation_and_every_shape_is_explained_in_sentences(
    queue: Queue, application: FastAPI
) -> None:
    found = dict(explained(application.openapi()))
    assert len(found) > 10
    bare = {name: text for name, text in found.items() if not is_explained(text)}
    assert not bare, "\n".join(f"{name}: {text}" for name, text in bare.items())


def test_the_check_of_sentences_knows_a_note() -> None:
    assert is_explained("Read a case. The answer 404 means that there is none.")
    for note in ("Read a case. 404: there is none.", "Read a case. With If-None-Match, 304."):
        assert not is_explained(note)


def test_the_check_of_phrases_knows_a_fragment() -> None:
    assert is_phrase("The id of the alert.")
    assert not any(map(is_phrase, (None, "Of the alert.", "Places.", "The id of the alert")))


def test_the_code_calls_nobody_she_or_he() -> None:
    """Anybody may have been trafficked: the word is *the person*."""
    found = [
        f"{path}:{number} {line.strip()}"
        for path in (*python_files(*PRODUCT), *map(relative, ROOT.glob("services/*/README.md")))
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if PRONOUN.search(line)
    ]
    assert not found, "\n".join(found)


def relative(path: Path) -> Path:
    return path.relative_to(ROOT)


def test_the_list_of_decisions_names_every_decision() -> None:
    folder = ROOT / "docs" / "adr"
    pages = {path.name for path in folder.glob("[0-9]*.md")}
    assert set(re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text())) == pages


HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


def test_every_decision_has_its_status_and_the_five_headings_in_order() -> None:
    """As decision 0001 has it; a page may have more of them."""
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        page = path.read_text("utf-8")
        assert re.match(rf"# {path.name[:4]} [^\n]+\n\nAccepted, \d{{4}}-\d\d\.", page), path.name
        found = re.findall(r"^## (.+)$", page, re.MULTILINE)
        assert [heading for heading in found if heading in HEADINGS] == HEADINGS, path.name
