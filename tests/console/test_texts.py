"""The console's words: complete in both languages, and none left of what is gone."""

import re
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polib
import pytest

from services.console.pages.ordering import in_order
from services.console.pages.reception_body import submission
from services.console.pages.reception_fields import SECTIONS
from services.console.views import law, law_note
from shared.texts import TextLanguage, of_service, placeholders

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "services" / "console"
RULES = ROOT / "shared" / "law" / "rules"
SAID = re.compile(r"""say\(\s*'([a-z0-9_-]+)'\s*[,)]""")
"""A text that is named as it is in a template; others are composed of a beginning and a code."""
WORDS = re.compile(r"(?:word\('([a-z_]+)', '([a-z_]+)'|named\('([a-z_]+)')")
SOURCES = [*CONSOLE.glob("templates/**/*.html"), *CONSOLE.glob("**/*.py")]


def said(language: TextLanguage) -> dict[tuple[str, str], str]:
    found = polib.pofile(str(CONSOLE / "texts" / f"{language}.po"))
    return {(it.msgctxt, it.msgid): it.msgstr for it in found}


def test_every_text_is_there_in_both_languages_with_the_same_facts() -> None:
    vietnamese, english = (said(language) for language in TextLanguage)
    assert vietnamese.keys() == english.keys()
    assert all(vietnamese.values())
    assert all(english.values())
    other = [it for it in english if placeholders(vietnamese[it]) != placeholders(english[it])]
    assert not other


def test_every_text_that_a_template_names_is_there() -> None:
    known = {code for vocabulary, code in said(TextLanguage.VIETNAMESE) if vocabulary == "page"}
    named = {
        (path.name, code)
        for path in CONSOLE.glob("templates/**/*.html")
        for code in SAID.findall(path.read_text("utf-8"))
    }
    assert len(named) > 100
    assert not [(path, code) for path, code in named if code not in known]


def test_every_vocabulary_that_a_template_names_is_there() -> None:
    """A code of a vocabulary that is not there would be shown as it is."""
    named = {
        (path.name, service or "directory", vocabulary or of_all)
        for path in CONSOLE.glob("templates/**/*.html")
        for service, vocabulary, of_all in WORDS.findall(path.read_text("utf-8"))
    }
    assert len(named) > 50
    unknown = [
        each
        for each in named
        if each[2] not in of_service(each[1]).vocabularies(TextLanguage.VIETNAMESE)
    ]
    assert not unknown


def test_no_text_is_left_of_what_is_gone() -> None:
    """A text is named whole, or by a beginning to which something is added."""
    written = "\n".join(path.read_text("utf-8") for path in SOURCES)
    ended = set(re.findall(r"\}(-[a-z-]+)['\"]", written))
    begun = set(re.findall(r"""['"]([a-z][a-z0-9-]*-)(?:['"{])""", written))
    left = [
        code
        for vocabulary, code in said(TextLanguage.VIETNAMESE)
        if vocabulary == "page"
        and not re.search(rf"""['"]{re.escape(code)}['"]""", written)
        and not any(code.startswith(each) for each in begun)
        and not any(code.endswith(each) for each in ended)
    ]
    assert not left


def test_every_question_of_reception_has_its_words() -> None:
    texts = of_service("console")
    for fields in SECTIONS.values():
        for field in fields:
            assert texts.has("page", field.label), field.name


@pytest.mark.parametrize(
    ("legal_ref", "shown"),
    [
        ("Law 53/2024 Art. 28, replaced by Law 86/2025 (text not seen)", "Luật 53/2024, Điều 28"),
        ("Law 66/2011 Arts 25, 28(2): the body that rescued", "Luật 66/2011, Điều 25, 28(2)"),
        (
            "Law 66/2011 Art. 26(2); Joint Circular 01/2014",
            "Luật 66/2011, Điều 26(2); Thông tư liên tịch 01/2014",
        ),
        ("Law on Complaints 02/2011 Art. 9", "Luật Khiếu nại 02/2011, Điều 9"),
        ("Decree 162/2025, Form 07", "Nghị định 162/2025"),
        ("none: chosen here", "không có văn bản, do hệ thống chọn"),
        ("not found; to be looked up in Decree 162/2025", "chưa tìm được văn bản"),
        ("The practice of a house", "The practice of a house"),
    ],
)
def test_a_text_of_law_is_named_in_the_readers_language(legal_ref: str, shown: str) -> None:
    assert law(_speaker(), legal_ref) == shown


A_TEXT_ALONE = re.compile(r"[A-Z][A-Za-z ]* \d[\w/-]*(?: Arts?\.? [\d(),-]+)?|none: chosen here")


@pytest.mark.parametrize("language", TextLanguage)
def test_whatever_is_noted_beside_a_text_of_law_is_read_in_the_readers_language(
    language: TextLanguage,
) -> None:
    rules = tomllib.loads((RULES / "deadlines.toml").read_text("utf-8"))
    named = {row["legal_ref"] for row in [*rules["rule"], *rules["counting"]]}
    noted = {each for each in named if not A_TEXT_ALONE.fullmatch(each)}
    told = of_service("console").vocabularies(language)["legal_note"]
    assert told.keys() == noted
    assert all(law_note(language, each) == told[each] for each in noted)
    assert law_note(language, "Decree 09/2013") == ""


def _speaker() -> Callable[..., str]:
    return partial(of_service("console").say, TextLanguage.VIETNAMESE, "page")


def test_names_stand_in_the_order_of_the_alphabet() -> None:
    names = ["Ân Thi", "Đồ Sơn", "An Hải", "Dương Kinh", "Ốc", "Ăn", "An Dương", "Oanh", "Ea", "Án"]
    ordered = [
        "Án",
        "An Dương",
        "An Hải",
        "Ăn",
        "Ân Thi",
        "Dương Kinh",
        "Đồ Sơn",
        "Ea",
        "Oanh",
        "Ốc",
    ]
    assert sorted(names, key=in_order) == ordered


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("18:00-20:00", "18:00/20:00"),
        ("18h - 20h30", "18:00/20:30"),
        ("8h đến 11g", "08:00/11:00"),
        ("buổi tối", "buổi tối"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, hours: str) -> None:
    field = {"person.phones.0.rule.hours": [typed], "person.phones.0.rule.ways": ["call"]}
    (phone,) = submission({"contact": field})["person"]["phones"]
    assert phone["rule"] == {"hours": hours, "ways": ["call"]}
