"""Vietnamese is written as an official would: terms that were wrong once do not come back."""

import re
import subprocess
import tomllib
import unicodedata
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT

TERMS = tomllib.loads((ROOT / "tests/architecture/terms.toml").read_text("utf-8"))["terms"]
TELLS_OF_THEM = {
    "CHANGELOG.md",
    "tests/architecture/terms.toml",
    "tests/architecture/test_vietnamese.py",
}
"""May name what is wrong: what was corrected, the list, and the proof that the search finds it."""


def wrong(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text on which a wrong term begins, and what should be said."""
    composed = unicodedata.normalize("NFC", text)
    for term in TERMS:
        left = composed
        for phrase in term.get("but", ()):
            left = left.replace(phrase, "")
        for found in re.finditer(term["wrong"].replace(" ", r"\s+"), left, re.IGNORECASE):
            line = left.count("\n", 0, found.start()) + 1
            yield line, f"say {term['right']}: {term['why']}"


def written() -> Iterator[tuple[str, str]]:
    """Every file of the repository that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and name not in TELLS_OF_THEM and path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode()


def test_no_wrong_term_comes_back() -> None:
    found = [f"{name}:{number} {say}" for name, text in written() for number, say in wrong(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "Thông điệp được TẠM\nGIỮ.",
        unicodedata.normalize("NFD", "một lời mời tiếp nhận"),
        "cán bộ phụ trách ca",
        "gửi hồ sơ của người được hỗ trợ",
        "vay qua tổ tiết kiệm của Hội",
        "mỗi dịch vụ có cơ sở dữ liệu riêng và báo cho nhau",
    ],
)
def test_the_search_for_wrong_terms_finds_them(line: str) -> None:
    assert list(wrong(line))


@pytest.mark.parametrize(
    "line", ["tổ tiết kiệm và vay vốn", "| dossier | hồ sơ | dossier |", "được tạm gác"]
)
def test_the_search_for_wrong_terms_lets_right_ones_pass(line: str) -> None:
    assert not list(wrong(line))
