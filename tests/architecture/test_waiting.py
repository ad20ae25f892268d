"""A test that clicks waits for the page it is led to before it reads that page.

A click is over as soon as the browser has begun with the next page: what is read at once may be
read of a page without its title or its list. ``expect`` asks again, and whatever acts on an element
waits for it; what is read once follows one of these.
"""

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.source import lines, python_files

LEADS_ON = re.compile(r"\.click\(|log_in\(|choose_me\(|hand\.(?:button|link|tab)\(")
WAITS = re.compile(
    r"expect\(|expect_\w+\(|\.goto\(|\.reload\(|\.go_back\(|\.wait_for|\bcheck\(|\.fill\(|"
    r"\.check\(|\.inner_text\(|\.get_attribute\(|\.focus\(|\.value\b|eventually\(|^def ",
)
READS_ONCE = re.compile(
    r"\.(?:title|content|count|all|all_inner_texts|all_text_contents|evaluate|"
    r"is_visible|is_hidden|is_checked|is_enabled|is_disabled)\(",
)
WITH_PAGES = ("tests/console", "tests/pages", "tests/system")


def read_too_early(source: Sequence[str]) -> Iterator[str]:
    """The lines that read a page once, with nothing that waits since the click before them."""
    is_led_on = False
    for number, line in enumerate(source, start=1):
        if WAITS.search(line):
            is_led_on = False
        elif is_led_on and READS_ONCE.search(line):
            yield f"{number}: {line.strip()}"
        if LEADS_ON.search(line):
            is_led_on = True


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (["button.click()", "assert page.title()"], ["2: assert page.title()"]),
        (["log_in(page, person)", "x = 1", "rows.count()"], ["3: rows.count()"]),
        (["button.click()", "expect(page).to_have_title(word)", "page.title()"], []),
        (["button.click()", "page.wait_for_load_state()", "rows.all()"], []),
        (["button.click()", "def another() -> None:", "    rows.all()"], []),
        (["rows.all()", "button.click()"], []),
    ],
)
def test_the_search_finds_what_it_is_for(source: list[str], expected: list[str]) -> None:
    assert list(read_too_early(source)) == expected


def test_no_page_is_read_before_it_is_there() -> None:
    found = [
        f"{path}:{it}" for path in python_files(*WITH_PAGES) for it in read_too_early(lines(path))
    ]
    assert not found, "\n".join(found)
