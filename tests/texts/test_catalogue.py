"""Texts are found by vocabulary and code; a service's own come before those of all."""

from pathlib import Path

import pytest

from shared.texts import TextLanguage, Texts, of_service, placeholders, shared_texts

VI, EN = TextLanguage.VIETNAMESE, TextLanguage.ENGLISH
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def write(folder: Path, **said: str) -> Path:
    """A folder of catalogues that say the same things in both languages, told apart by the tag."""
    folder.mkdir()
    for language in TextLanguage:
        entries = [
            f'msgctxt "colour"\nmsgid "{code}"\nmsgstr "{language}: {text}"\n'
            for code, text in said.items()
        ]
        (folder / f"{language}.po").write_text("\n".join([HEAD, *entries]), encoding="utf-8")
    return folder


def test_a_text_is_found_in_either_language_with_its_facts(tmp_path: Path) -> None:
    texts = Texts(write(tmp_path / "a", red="đỏ, {count} lần"))
    assert texts.say(VI, "colour", "red", count=3) == "vi: đỏ, 3 lần"
    assert texts.say(EN, "colour", "red", count=3) == "en: đỏ, 3 lần"


def test_a_fact_that_is_missing_is_no_text(tmp_path: Path) -> None:
    texts = Texts(write(tmp_path / "a", red="{count}"))
    with pytest.raises(KeyError):
        texts.say(VI, "colour", "red")


def test_a_fact_is_never_read_as_a_form(tmp_path: Path) -> None:
    texts = Texts(write(tmp_path / "a", red="{name}"))
    assert texts.say(VI, "colour", "red", name="{name.__class__} {x}") == (
        "vi: {name.__class__} {x}"
    )


def test_what_a_later_folder_says_comes_first(tmp_path: Path) -> None:
    first = write(tmp_path / "a", red="of all", blue="of all")
    texts = Texts(first, write(tmp_path / "b", red="its own"))
    assert texts.say(EN, "colour", "red") == "en: its own"
    assert texts.say(EN, "colour", "blue") == "en: of all"
    assert texts.vocabularies(EN)["colour"] == {"blue": "en: of all", "red": "en: its own"}


def test_a_code_without_a_text_speaks_for_itself() -> None:
    assert shared_texts().say(VI, "problem", "no-such-code") == "no-such-code"
    assert not shared_texts().has("problem", "no-such-code")
    assert not shared_texts().has("no such vocabulary", "x")


def test_a_service_says_its_own_and_what_all_say() -> None:
    texts = of_service("intake")
    assert texts.say(VI, "role", "case_owner") == "Quản lý trường hợp"
    assert texts.say(EN, "case_status", "received") == "Received"
    assert not shared_texts().has("case_status", "received")


def test_placeholders_are_the_names_in_braces() -> None:
    assert placeholders("{a} and {b_c}, {a}") == {"a", "b_c"}
    assert placeholders("nothing, {}") == set()
