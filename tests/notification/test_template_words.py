"""A text that passes when it is written can be sent with any facts of its kind."""

import html
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain import telling_words
from services.notification.domain.built_in import built_in
from services.notification.policy import (
    TEXTS,
    EventType,
    TextKind,
    find_telling,
    fitted,
)
from services.notification.policy.templates import (
    Declared,
    FactType,
    Place,
    Placeholder,
    Rule,
    TemplateUnreadable,
    Wording,
    declared,
    fill,
    filled,
    find_faults,
    names_in,
    parse,
    place,
    said,
)
from shared.contracts.vocabulary import ChannelKind
from shared.texts import TextLanguage

WORDS = telling_words()
MOST = 2
REQUESTED = EventType.REFERRAL_REQUESTED
MAIL, SMS = ChannelKind.EMAIL, ChannelKind.SMS
HARMLESS = "Anh chị có việc mới"
KINDS = st.sampled_from(EventType)
EVERY_TEXT = st.sampled_from(TEXTS)
PLACES = st.sampled_from([place(each) for each in Placeholder] + ["{{page}}", "{{  code }}"])
SCRAPS = st.sampled_from(
    ["{", "}", "{{", "}}", "{{ x", "{{ Page }}", "{% if %}", "<b>", "&", "\n\n"]
)
TYPED = st.lists(st.one_of(PLACES, SCRAPS, st.text(max_size=12)), max_size=8).map("".join)

VALUES: dict[FactType, st.SearchStrategy[Any]] = {
    FactType.CASE_CODE: st.from_regex(r"HP-2[0-9]{3}-[0-9]{6}", fullmatch=True),
    FactType.CONFIRMATION_CODE: st.sampled_from(["7Q2MXH-9T4K", "000000-0000"]),
    FactType.COUNT: st.integers(1, 999),
    FactType.DATE: st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    FactType.LINK: st.text(min_size=1, max_size=60).map(lambda it: f"https://vi-du.example/{it}"),
    FactType.REFERENCE: st.text(min_size=1, max_size=60),
    FactType.SHORT_CODE: st.text("0123456789ABCDEF", min_size=8, max_size=8),
}


def facts_for(places: tuple[Declared, ...]) -> st.SearchStrategy[dict[Placeholder, Any]]:
    return st.fixed_dictionaries({each.name: VALUES[each.type] for each in places})


def faults(
    kind: EventType, channel: ChannelKind, text: str, subject: str | None = None
) -> set[Rule]:
    default = "Việc mới" if channel is MAIL else ""
    wording = Wording(default if subject is None else subject, text).tidied()
    return {each.rule for each in find_faults(kind, channel, wording, words=WORDS, most=MOST)}


@given(st.data())
def test_what_passes_can_be_sent_with_any_facts_of_its_kind(data: st.DataObject) -> None:
    kind, channel = data.draw(EVERY_TEXT)
    known = declared(kind, channel)
    needed = "".join(place(each.name) for each in known if each.is_mandatory)
    wording = Wording(
        data.draw(TYPED) if channel is MAIL else "", data.draw(TYPED) + needed + data.draw(TYPED)
    ).tidied()
    if find_faults(kind, channel, wording, words=WORDS, most=MOST):
        return
    facts = data.draw(facts_for(known))
    for language in TextLanguage:
        read = filled(wording, said(facts, language))
        written = said(facts, language)
        assert all(written[each.name] in read.text for each in known if each.is_mandatory)
        assert "\n" not in read.subject
        if channel is SMS:
            assert find_telling(read.text, WORDS) == []
            fitted(read.text, most=MOST)


@given(KINDS, st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_whatever_is_said_or_filled_in_is_text_in_the_html_part(
    kind: EventType, said_there: str, fact: str
) -> None:
    wording = Wording("", f"<script>{said_there}</script> {place('reference')}")
    try:
        parse(wording.text)
    except TemplateUnreadable:
        return
    page = filled(wording, {"reference": fact}).html("vi")
    body = page.split("<body>\n", 1)[1].rsplit("\n</body>", 1)[0]
    shown = body.replace("<p>", "").replace("</p>", "").replace("<br>\n", "\n")
    assert "<" not in shown
    assert ">" not in shown
    assert html.unescape(shown).replace("\n", "") == fill(
        parse(wording.text), {"reference": fact}
    ).replace("\n", "")


@given(TYPED)
def test_a_text_is_read_as_it_is_written_or_not_at_all(text: str) -> None:
    try:
        pieces = parse(text)
    except TemplateUnreadable:
        assert "{{" in text or "}}" in text
        return
    assert fill(pieces, dict.fromkeys(names_in(pieces), "#")).count("#") == text.count("#") + len(
        names_in(pieces)
    )
    for each in pieces:
        assert isinstance(each, Place) or not {"{{", "}}"} & {
            each[i : i + 2] for i in range(len(each))
        }


def test_a_fact_that_looks_like_a_place_stays_what_it_is() -> None:
    wording = Wording("", place("reference"))
    assert filled(wording, {"reference": "{{ page }}", "page": "#"}).text == "{{ page }}"


@pytest.mark.parametrize(("kind", "channel"), TEXTS)
def test_what_is_built_in_passes_in_both_languages(kind: TextKind, channel: ChannelKind) -> None:
    for language in TextLanguage:
        wording = built_in(kind, channel, language)
        assert find_faults(kind, channel, wording, words=WORDS, most=MOST) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{HARMLESS}.", Rule.MISSING),
        ("{{ code }} {{ due }}", Rule.UNKNOWN),
        ("{{ code }} {{ page }}", Rule.UNKNOWN),
        ("{{ code }} {{ answer", Rule.BRACES),
        ("{{ code }} }}", Rule.BRACES),
        ("{{ code }} {{ config.items() }}", Rule.BRACES),
        ("{{ code }} {{ code | upper }}", Rule.BRACES),
        ("{{ code }}\nhai dòng", Rule.ONE_LINE),
        ("{{ code }} xem\N{ZERO WIDTH SPACE} nhé", Rule.CHARACTER),
        ("{{ code }} xem\N{RIGHT-TO-LEFT OVERRIDE} nhé", Rule.CHARACTER),
        ("{{ code }} " + "a" * 320, Rule.SEGMENTS),
        ("{{ code }} xem vidu.vn", Rule.LINK),
        (" \n ", Rule.EMPTY),
    ],
)
def test_a_text_to_a_phone_says_what_is_wrong_with_it(text: str, rule: Rule) -> None:
    assert rule in faults(REQUESTED, SMS, text)


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("", Rule.EMPTY),
        ("Việc mới\nBcc: a@vidu.vn", Rule.ONE_LINE),
        ("Việc mới {{ page }}", Rule.UNKNOWN),
        ("a" * 151, Rule.TOO_LONG),
        ("Việc mới\N{LINE SEPARATOR}", Rule.CHARACTER),
    ],
)
def test_a_subject_is_one_line_without_links(subject: str, rule: Rule) -> None:
    wording = Wording(subject, "{{ page }} {{ answer }}")
    found = find_faults(REQUESTED, MAIL, wording, words=WORDS, most=MOST)
    assert {(each.part, each.rule) for each in found} >= {("subject", rule)}


def test_a_mail_needs_what_whoever_reads_it_needs() -> None:
    assert faults(REQUESTED, MAIL, "{{ page }}") == {Rule.MISSING}
    assert faults(REQUESTED, MAIL, "{{ page }} {{ answer }}") == set()
    assert faults(EventType.PLAN_REVISED, MAIL, "{{ page }} {{ revision }} {{ told_on }}") == set()
    assert faults(EventType.PLAN_OPENED, MAIL, "{{ page }} {{ revision }}") == {Rule.UNKNOWN}


@pytest.mark.parametrize(
    ("typed", "word", "rule"),
    [
        ("mời nạn nhân tới", "nạn nhân", Rule.TELLING_VI),
        ("moi nan nhan toi", "nạn nhân", Rule.TELLING_VI),
        ("mời n.ạ.n n.h.â.n tới", "nạn nhân", Rule.TELLING_VI),
        ("moi n a n   n h a n toi", "nạn nhân", Rule.TELLING_VI),
        ("gặp CTXH nhé", "CTXH", Rule.TELLING),
        ("gap c t x h nhe", "CTXH", Rule.TELLING),
        ("see the shelter", "shelter", Rule.TELLING_EN),
        ("nhắn qua Zalo", "zalo", Rule.TELLING),
        ("từ Nhịp Cầu", "nhịp cầu", Rule.TELLING_VI),
        ("tu nhip cau", "nhịp cầu", Rule.TELLING_VI),
    ],
)
def test_a_word_that_tells_is_named_with_its_language(typed: str, word: str, rule: Rule) -> None:
    wording = Wording("", f"{typed} {{{{ code }}}}")
    found = find_faults(REQUESTED, SMS, wording, words=WORDS, most=MOST)
    assert (rule, word) in {(each.rule, each.facts.get("word")) for each in found}
    assert all(each.part == "wording" for each in found)


def test_what_a_text_says_does_not_depend_on_the_code_in_it() -> None:
    """A code that ends in the beginning of a word makes none with what follows it."""
    wording = Wording("", f"{place('code')} book")
    assert find_faults(REQUESTED, SMS, wording, words=WORDS, most=MOST) == []
