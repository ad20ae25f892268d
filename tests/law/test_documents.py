"""Numbers of official papers: one parser, whatever carries the number."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.schemas import PaperCreate
from services.verification.policy import EvidenceSource, Move, MoveReason
from services.verification.schemas import MoveCreate
from shared.kit.shapes import Shape
from shared.law.documents import NUMBER, kinds_of_document, parse_number, plain_number
from shared.law.shapes import EvidenceNumber
from tests.published import published

REAL = [
    ("15/QĐ-SLĐTB&XH", {"type": "QĐ", "org": "SLĐTB&XH"}),
    ("123/LĐTB&XH-PCTNXH", {"org": "LĐTB&XH", "unit": "PCTNXH"}),
    ("05/SY-UBND", {"type": "SY", "org": "UBND"}),
    ("12/QyĐ-TTg", {"type": "QyĐ", "org": "TTg"}),
    ("12/GXN-CATP-PC02", {"type": "GXN", "org": "CATP", "unit": "PC02"}),
]
"""Numbers that offices write, with an ampersand, on a copy, with small letters."""


class Referring(Shape):
    """Something that rests on a paper."""

    evidence_ref: EvidenceNumber


@pytest.mark.parametrize("case", published("paper_numbers.json"), ids=lambda case: case["input"])
def test_a_number_has_the_parts_that_the_given_cases_say(case: dict[str, object]) -> None:
    parsed = parse_number(str(case["input"]))
    parts = parsed and {name: str(it) for name, it in vars(parsed).items() if it is not None}
    assert parts == case["parsed"]


@pytest.mark.parametrize(("number", "parts"), REAL)
def test_a_number_that_offices_write_is_understood(number: str, parts: dict[str, str]) -> None:
    parsed = parse_number(number)
    assert parsed is not None
    assert {name: getattr(parsed, name) for name in parts} == parts


@pytest.mark.parametrize(
    "text",
    ["KH-15", "15/", "15\\KH-UBND", "15/KH", "", "15/KH-UBND/2", "15/&XH", "15/LĐTB&", "15/A&&B"],
)
def test_other_numbers_are_not_guessed_at(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "number",
    [number for number, _ in REAL]
    + [case["input"] for case in published("paper_numbers.json") if case["parsed"]],
)
def test_evidence_may_be_whatever_is_a_number_of_a_paper(number: str) -> None:
    made = Referring(evidence_ref=number)
    assert made.evidence_ref == plain_number(number)
    assert re.match(NUMBER, made.evidence_ref)
    moved = MoveCreate(
        move=Move.REOPEN,
        grounds=(EvidenceSource.RESCUING_BODY,),
        reason=MoveReason.NEW_EVIDENCE,
        evidence_ref=number,
    )
    assert moved.evidence_ref == made.evidence_ref


letters = st.sampled_from("AĐƯXtTyS")
words = st.lists(st.text(letters, min_size=1, max_size=6), min_size=1, max_size=2).map("&".join)
# Six digits, a slash and three such words stay within the sixty letters that a number may have.


@given(st.integers(1, 999_999), st.lists(words, min_size=1, max_size=3), st.booleans())
def test_a_paper_and_what_refers_to_it_are_read_alike(
    no: int, said: list[str], is_decomposed: bool
) -> None:
    number = f"{no}/{'-'.join(said)}"
    typed = unicodedata.normalize("NFD", number) if is_decomposed else number
    paper = PaperCreate.model_validate(
        {"type": "DECLARATION", "number": typed, "issuer": "UBND", "issued_on": "2026-03-02"}
    )
    if parse_number(paper.number) is None:
        with pytest.raises(ValidationError):
            Referring(evidence_ref=typed)
    else:
        assert Referring(evidence_ref=typed).evidence_ref == number


kinds = st.sampled_from(sorted(kinds_of_document()))
numbers = st.one_of(
    st.builds("{}/{}/{}".format, st.integers(1, 999_999), st.integers(1900, 2099), words),
    st.builds("{}-{}/{}".format, st.integers(1, 999_999), words, words),
    st.builds("{}/{}-{}".format, st.integers(1, 999_999), kinds, words),
    st.builds("{}/{}-{}".format, st.integers(1, 999_999), words, words),
)
"""Of each of the three ways, and a letter."""


@given(numbers, st.sampled_from(["", "số ", "Số: "]))
def test_the_pattern_shown_takes_whatever_the_parser_takes(number: str, lead: str) -> None:
    assert parse_number(lead + number) is not None
    assert re.match(NUMBER, plain_number(lead + number))


def test_every_kind_of_the_decree_has_its_name_and_one_more_is_assumed() -> None:
    assert len(kinds_of_document()) == 30 + 1
    assert kinds_of_document()["QĐ"] == "Quyết định (cá biệt)"
