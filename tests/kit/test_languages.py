"""Language tags are the same in letters of either case (RFC 5646 section 2.1.1)."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.kit.languages import Language, canonical, is_shared

# RFC 5646 appendix A and section 2.1.1.
TAGS = [
    "de", "fr", "ja", "vi", "km",
    "zh-Hant", "zh-Hans", "sr-Cyrl", "sr-Latn",
    "zh-cmn-Hans-CN", "cmn-Hans-CN", "zh-yue-HK", "yue-HK",
    "zh-Hans-CN", "sr-Latn-RS",
    "sl-rozaj", "sl-rozaj-biske", "sl-nedis",
    "de-CH-1901", "sl-IT-nedis", "hy-Latn-IT-arevela",
    "de-DE", "en-US", "es-419",
    "de-CH-x-phonebk", "az-Arab-x-aze-derbend",
    "en-US-u-islamcal", "zh-CN-a-myext-x-private", "en-a-myext-b-another",
    "en-CA-x-ca", "sgn-BE", "az-Latn-x-latn",
]  # fmt: skip
NO_TAGS = ["", "a", "de-", "-de", "de--CH", "de-419-DE", "a-DE", "ar-a", "vi_VN", "tiếng", "x" * 36]
SUBTAGS = st.sampled_from(TAGS)


class Spoken(BaseModel):
    language: Language


@pytest.mark.parametrize("tag", TAGS)
def test_a_canonical_tag_stays_as_it_is(tag: str) -> None:
    assert canonical(tag) == tag


@given(tag=SUBTAGS, letters=st.randoms())
def test_a_tag_is_written_one_way_whatever_the_case_of_its_letters(
    tag: str, letters: Random
) -> None:
    typed = "".join(letters.choice((each.upper(), each.lower())) for each in tag)
    assert canonical(typed) == tag
    assert Spoken(language=f" {typed}").language == tag
    assert is_shared({typed}, {tag})


@pytest.mark.parametrize("text", NO_TAGS)
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no language tag"):
        canonical(text)
    with pytest.raises(ValidationError, match="language"):
        Spoken(language=text)


@pytest.mark.parametrize(
    ("some", "others", "shared"),
    [
        ({"zh-hant"}, {"zh-Hant"}, True),
        ({"vi-VN"}, {"vi"}, True),
        ({"vi"}, {"en", "VI-vn"}, True),
        ({"zh-Hant"}, {"zh-Hans"}, False),
        ({"vi"}, {"vie"}, False),
        ({"en"}, set(), False),
    ],
)
def test_languages_are_shared_by_subtags(some: set[str], others: set[str], *, shared: bool) -> None:
    assert is_shared(some, others) is is_shared(others, some) is shared
