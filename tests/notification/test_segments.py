"""What a text takes on its way to a phone: septets or UCS-2, one segment or several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import (
    Encoding,
    TextTooLong,
    check_length,
    fitted,
    segments_of,
    without_marks,
)
from services.notification.policy.segments import BASIC, EXTENSION

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2


def test_the_default_alphabet_has_its_127_letters_and_the_extension_its_ten() -> None:
    assert len(set(BASIC)) == len(BASIC) == 127
    assert len(set(EXTENSION)) == len(EXTENSION) == 10
    assert not set(BASIC) & set(EXTENSION)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        # An escape and its letter are two septets.
        ("€" * 80, GSM7, 160, 1),
        ("a" * 159 + "€", GSM7, 161, 2),
        # No pair is parted between segments: 152 and not 153 are in the first.
        ("€" * 153, GSM7, 306, 3),
        ("a" * 152 + "€" + "a" * 152, GSM7, 306, 3),
        ("a" * 151 + "€" + "a" * 153, GSM7, 306, 2),
        ("ệ" * 70, UCS2, 70, 1),
        ("ệ" * 71, UCS2, 71, 2),
        ("ệ" * 134, UCS2, 134, 2),
        ("ệ" * 135, UCS2, 135, 3),
        # One letter outside the alphabet makes all of them UCS-2.
        ("a" * 70 + "đ", UCS2, 71, 2),
        # A letter beyond the basic plane is two units, which stay together.
        ("😀" * 35, UCS2, 70, 1),
        ("ệ" * 66 + "😀" + "ệ" * 66, UCS2, 134, 3),
        # These marks of Vietnamese are in the alphabet; the others are not.
        ("àèìòùé", GSM7, 6, 1),
        ("á", UCS2, 1, 1),
        # Parted, a letter and its mark are two units.
        ("e\N{COMBINING CIRCUMFLEX ACCENT}", UCS2, 2, 1),
        ("", GSM7, 0, 1),
    ],
)
def test_a_text_takes_what_the_standard_says(
    text: str, encoding: Encoding, units: int, count: int
) -> None:
    found = segments_of(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@given(st.text(st.sampled_from(BASIC + EXTENSION + "ếđ😀"), max_size=700))
def test_segments_hold_what_is_in_them_and_none_is_empty(text: str) -> None:
    found = segments_of(text)
    single, each = (160, 153) if found.encoding is GSM7 else (70, 67)
    if found.count == 1:
        assert found.units <= single
    else:
        assert found.units > single
        # At most one unit is lost at the end of each, where a pair had no room.
        assert (found.count - 1) * (each - 1) < found.units <= found.count * each


@given(st.text(max_size=50))
def test_another_letter_never_takes_less(text: str) -> None:
    for before, after in ((text, text + "a"), (text, text + "ế")):
        assert segments_of(after).count >= segments_of(before).count


def test_what_takes_more_than_it_may_is_refused() -> None:
    assert check_length("a" * 306, most=2).count == 2
    with pytest.raises(TextTooLong, match="3 segments, 2 at most"):
        check_length("a" * 307, most=2)


def test_marks_are_kept_where_there_is_room_for_them() -> None:
    marked = "việc mới " * 8
    assert fitted(marked, most=2)[0] == marked
    bare, segments = fitted(marked, most=1)
    assert bare == without_marks(marked) == "viec moi " * 8
    assert (segments.encoding, segments.count) == (GSM7, 1)
    with pytest.raises(TextTooLong):
        fitted("việc mới " * 20, most=1)
