"""The search for leaked identities finds them however a process may have written them."""

import json
from base64 import b64encode

import pytest

from deploy.stack.leaks import holds

NAME = "Nguyễn Thị Ví Dụ Hãn"
FRAME = json.dumps([["an envelope", {"name": NAME}]])
IN_UTF8 = json.dumps({"name": NAME}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "content",
    [
        IN_UTF8,
        FRAME.encode(),
        f"\\x{NAME.encode().hex()}".encode(),
        *(b64encode(b"." * shift + IN_UTF8) for shift in range(3)),
        *(b64encode(b"." * shift + FRAME.encode()) for shift in range(3)),
    ],
)
def test_a_name_is_found_in_every_form(content: bytes) -> None:
    assert holds(b"before " + content + b" after", [NAME])


def test_a_name_that_is_not_there_is_not_found() -> None:
    assert not holds(IN_UTF8 + FRAME.encode() + b64encode(IN_UTF8), ["Trần Văn Khác Hẳn"])


def test_a_short_word_is_sought_in_the_clear_only() -> None:
    assert holds(b"... 0311 ...", ["0311"])
    assert not holds(b64encode(b"0311"), ["0311"])
