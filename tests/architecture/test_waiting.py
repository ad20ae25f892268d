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
    r"expect\(|expect_\w+\(|\.wait_for|\bcheck\(|\.fill\(|"
    r"\.check\(|\.inner_text\(|\.get_attribute\(|\.focus\(|\.value\b|eventually\(",
)
GOES_ELSEWHERE = re.compile(r"\.(?:goto|reload|go_back)\(")
"""Ends what a click has begun, which a browser answers with an error; and waits for its page."""
READS_ONCE = re.compile(
    r"\.(?:title|content|count|all|all_inner_texts|all_text_contents|evaluate|"
    r"is_visible|is_hidden|is_checked|is_enabled|is_disabled)\(|\bfaults_of\(",
)
WITH_PAGES = ("tests/console", "tests/pages", "tests/system")


def read_too_early(source: Sequence[str]) -> Iterator[str]:
    """The lines that read or leave a page, with nothing that waits since the click before them."""
    is_led_on = False
    for number, line in enumerate(source, start=1):
        goes_elsewhere = GOES_ELSEWHERE.search(line)
        if is_led_on and (goes_elsewhere or (READS_ONCE.search(line) and not WAITS.search(line))):
            yield f"{number}: {line.strip()}"
        begins = line.startswith("def ")
        if begins or goes_elsewhere or WAITS.search(line):
            is_led_on = False
        if LEADS_ON.search(line) and not begins:
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
        (["button.click()", "page.reload()"], ["2: page.reload()"]),
        (
            ["link.click()", "eventually(lambda: page.reload())"],
            ["2: eventually(lambda: page.reload())"],
        ),
        (["button.click()", "row.wait_for()", "page.goto(path)", "rows.all()"], []),
    ],
)
def test_the_search_finds_what_it_is_for(source: list[str], expected: list[str]) -> None:
    assert list(read_too_early(source)) == expected


def test_no_page_is_read_before_it_is_there() -> None:
    found = [
        f"{path}:{it}" for path in python_files(*WITH_PAGES) for it in read_too_early(lines(path))
    ]
    assert not found, "\n".join(found)
