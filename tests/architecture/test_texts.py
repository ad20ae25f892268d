"""Whatever a person may read has a text in both languages, and no text is left of what is gone."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import polib
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic_core.core_schema import ErrorType

import services
import shared
from shared.contracts import Queue
from shared.kit import strict_json
from shared.kit.errors import DomainError
from shared.messaging.envelope import Kind
from shared.texts import TextLanguage, of_service, placeholders, shared_texts
from tests.architecture.applications import SERVICES
from tests.architecture.source import ROOT, python_files, tree
from tests.architecture.test_strictness import _flat, own

Key = tuple[str, str]
"""A vocabulary and a code."""

SHARED = "shared"
ROOMS = {SHARED: ROOT / "shared" / "texts"} | {
    str(queue): ROOT / "services" / queue / "texts" for queue in Queue
}
EVERY_ROOM = pytest.mark.parametrize("room", ROOMS)

UNREAD = {
    Kind: "says what services have sealed for each other, and is in no answer",
}
"""Vocabularies nobody reads, each with why."""

OF_THE_KIT = {
    ("body_fault", code)
    for code in (
        strict_json.NOT_UTF8,
        strict_json.BYTE_ORDER_MARK,
        strict_json.NOT_JSON,
        strict_json.NOT_A_NUMBER,
        strict_json.REPEATED_NAME,
        strict_json.TOO_DEEP,
    )
} | {
    ("settled_message", "replayed"),
    ("settled_message", "skip_proposed"),
    ("settled_message", "skipped"),
    ("problem", "other"),
    ("rule", "other"),
    ("rule", "control_character"),
}
"""Codes of the kit and of messaging that are no ``StrEnum``, and what stands in for the unknown."""

RULES: Mapping[str, set[str]] = {
    "model": {"model_type", "model_attributes_type"},
    "model-fields": {"missing", "extra_forbidden"},
    "str": {
        "string_type",
        "string_unicode",
        "string_too_short",
        "string_too_long",
        "string_pattern_mismatch",
    },
    "int": {
        "int_type",
        "int_parsing",
        "int_parsing_size",
        "int_from_float",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
    },
    "float": {"float_type", "float_parsing", "finite_number"},
    "bool": {"bool_type", "bool_parsing"},
    "uuid": {"uuid_type", "uuid_parsing"},
    "date": {
        "date_type",
        "date_parsing",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
    },
    "datetime": {
        "datetime_type",
        "datetime_parsing",
        "datetime_from_date_parsing",
        "datetime_object_invalid",
        "timezone_aware",
    },
    "enum": {"enum"},
    "literal": {"literal_error"},
    "list": {"list_type", "too_short", "too_long"},
    "tuple": {"tuple_type"},
    "set": {"set_type"},
    "frozenset": {"frozen_set_type"},
    "dict": {"dict_type"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found"},
    "function-before": {"value_error"},
    "function-after": {"value_error"},
    "function-plain": {"value_error"},
    "function-wrap": {"value_error"},
}
"""The rules a value may break, by the kind of schema it is read with (pydantic's names)."""

RULELESS = {
    "any", "default", "definitions", "definition-ref", "model-field", "no-info", "nullable",
    "union", "dataclass", "dataclass-args", "dataclass-field", "with-info", "none",
}  # fmt: skip
"""Schemas that break no rule of their own; a dataclass is made by a function, never submitted."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """A package's modules, without migrations."""
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def classes(base: type) -> set[type]:
    """Every class of the product that derives from this one."""
    return {
        found
        for package in (shared, services)
        for module in modules(package)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, base) and found is not base
        if found.__module__.split(".")[0] in {"shared", "services"}
    }


def room_of(found: type) -> str:
    top, name, *_ = found.__module__.split(".")
    return name if top == "services" else SHARED


def spelled(name: str) -> str:
    """``ReasonCode`` -> ``reason_code``: what a vocabulary is called."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def of_refusals() -> Iterator[tuple[str, Key]]:
    for refusal in {DomainError, *classes(DomainError)}:
        yield room_of(refusal), ("problem", refusal.code())  # type: ignore[attr-defined]


def of_vocabularies() -> Iterator[tuple[str, Key]]:
    for vocabulary in classes(StrEnum) - UNREAD.keys():
        for code in vocabulary:  # type: ignore[attr-defined]
            yield room_of(vocabulary), (spelled(vocabulary.__name__), str(code))


def of_problems() -> Iterator[tuple[str, Key]]:
    """Problems made without a refusal: of the kit's own, and of statuses."""
    for call in ast.walk(tree(Path("shared/kit/problems.py"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "problem":
            code = call.args[1]
            if isinstance(code, ast.Constant):
                yield SHARED, ("problem", str(code.value))
    yield from ((SHARED, ("problem", f"http-{status}")) for status in (404, 405))


def of_rules() -> Iterator[tuple[str, Key]]:
    for rules in RULES.values():
        yield from ((SHARED, ("rule", rule)) for rule in rules)


def needed(room: str) -> set[Key]:
    """What must have a text in a room."""
    found = {*of_refusals(), *of_vocabularies(), *of_problems(), *of_rules()}
    return {key for where, key in found if where == room} | (
        OF_THE_KIT if room == SHARED else set()
    )


def written(room: str, language: TextLanguage) -> list[polib.POEntry]:
    return list(polib.pofile(str(ROOMS[room] / f"{language}.po")))


def said(room: str, language: TextLanguage) -> dict[Key, str]:
    return {(it.msgctxt, it.msgid): it.msgstr for it in written(room, language) if it.msgstr}


def template(keys: set[Key]) -> str:
    """Entries to be filled in."""
    return "\n".join(
        f'msgctxt "{vocabulary}"\nmsgid "{code}"\nmsgstr ""\n' for vocabulary, code in sorted(keys)
    )


@EVERY_ROOM
@pytest.mark.parametrize("language", TextLanguage)
def test_everything_a_person_may_read_has_a_text(room: str, language: TextLanguage) -> None:
    missing = needed(room) - said(room, language).keys()
    assert not missing, f"{ROOMS[room] / language}.po lacks\n\n{template(missing)}"


@EVERY_ROOM
@pytest.mark.parametrize("language", TextLanguage)
def test_no_text_is_left_of_what_is_gone(room: str, language: TextLanguage) -> None:
    stale = said(room, language).keys() - needed(room)
    assert not stale, f"{ROOMS[room] / language}.po still says {sorted(stale)}"


@EVERY_ROOM
def test_both_languages_name_the_same_facts(room: str) -> None:
    vietnamese, english = (said(room, language) for language in TextLanguage)
    other = {
        key for key in vietnamese if placeholders(vietnamese[key]) != placeholders(english[key])
    }
    assert not other


@EVERY_ROOM
@pytest.mark.parametrize("language", TextLanguage)
def test_entries_stand_in_order_each_once(room: str, language: TextLanguage) -> None:
    keys = [(it.msgctxt, it.msgid) for it in written(room, language)]
    assert keys == sorted(set(keys)), "sorted by vocabulary and code, so that branches merge"


@EVERY_ROOM
def test_texts_are_written_as_sentences_and_labels_are(room: str) -> None:
    for language in TextLanguage:
        for (vocabulary, code), text in said(room, language).items():
            assert text == text.strip(), (vocabulary, code)
            assert text.endswith(".") == (vocabulary in {"problem", "rule"}), (vocabulary, code)


@EVERY_ROOM
def test_titles_and_labels_name_no_facts(room: str) -> None:
    """A title does not change from one occurrence to the next (RFC 9457 section 3.1.3)."""
    filled = {
        key
        for language in TextLanguage
        for key, text in said(room, language).items()
        if key[0] != "rule" and placeholders(text)
    }
    assert not filled


FACTS = {
    "too_short": {"min_length"},
    "too_long": {"max_length"},
    "string_too_short": {"min_length"},
    "string_too_long": {"max_length"},
    "greater_than": {"gt"},
    "greater_than_equal": {"ge"},
    "less_than": {"lt"},
    "less_than_equal": {"le"},
    "enum": {"expected"},
    "literal_error": {"expected"},
    "template_too_long": {"max_length"},
    "template_unknown": {"expected"},
    "template_missing": {"expected"},
    "template_segments": {"most"},
    "template_telling": {"word"},
    "template_telling_vi": {"word"},
    "template_telling_en": {"word"},
}
"""The limits that pydantic tells with a rule, and that a problem repeats; and those of a text that
somebody writes, with the word of our list that it may not have."""


@EVERY_ROOM
def test_a_rules_text_names_the_limits_that_are_told_with_it(room: str) -> None:
    for language in TextLanguage:
        for (vocabulary, code), text in said(room, language).items():
            if vocabulary == "rule":
                assert placeholders(text) == FACTS.get(code, set()), code


def schemas(node: Any) -> Iterator[str]:
    """The kinds of schema within a schema."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node["type"]
        for key, inner in node.items():
            if key not in {"metadata", "default", "config", "serialization"}:
                yield from schemas(inner)
    elif isinstance(node, list | tuple):
        for inner in node:
            yield from schemas(inner)


@SERVICES
def test_it_is_known_which_rules_each_field_can_break(queue: Queue, application: FastAPI) -> None:
    kinds = {
        kind
        for route in own(application)
        for place in ("body_params", "path_params", "query_params", "header_params")
        for field in _flat(route.dependant, place)
        for kind in schemas(TypeAdapter(field.field_info.annotation).core_schema)
    }
    assert kinds <= RULES.keys() | RULELESS, "say in RULES which rules such a schema breaks"


def test_the_rules_are_pydantics() -> None:
    assert {rule for rules in RULES.values() for rule in rules} <= set(get_args(ErrorType))


def codes_in(document: Any) -> Iterator[str]:
    """Every value of a closed list in an interface's reference."""
    if isinstance(document, dict):
        yield from (it for it in document.get("enum", []) if isinstance(it, str))
        for inner in document.values():
            yield from codes_in(inner)
    elif isinstance(document, list):
        for inner in document:
            yield from codes_in(inner)


@SERVICES
def test_every_code_of_an_interface_is_in_its_vocabulary(
    queue: Queue, application: FastAPI
) -> None:
    schemas = application.openapi()["components"]["schemas"]
    said = of_service(queue).vocabularies(TextLanguage.VIETNAMESE).values()
    known = {code for codes in said for code in codes}
    found = set(codes_in(schemas))
    assert found
    assert found <= known


def test_shared_texts_are_part_of_every_services() -> None:
    everything = shared_texts().vocabularies(TextLanguage.ENGLISH)
    for queue in Queue:
        for vocabulary, codes in everything.items():
            assert (
                codes.keys()
                <= of_service(queue).vocabularies(TextLanguage.ENGLISH)[vocabulary].keys()
            )


def test_no_text_for_people_is_left_in_a_refusals_code() -> None:
    """``title`` is looked up; a class has a docstring for those who read the code."""
    found = [
        f"{path}:{node.lineno}"
        for path in python_files("services", "shared")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name == "title"
    ]
    assert not found
