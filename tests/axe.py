"""What axe finds wrong with a page.

It is asked for as one text: told as it is, each of its results is thousands of small values, and
reading those took longer than finding them.
"""

import json

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""All that another colour scheme can change."""
LOOK = (
    "how => axe.run({resultTypes: ['violations'], ...how})"
    ".then(found => JSON.stringify(found.violations))"
)


def faults_of(page: Page, *, is_recoloured: bool = False) -> str:
    """A report; empty where nothing is wrong.

    ``is_recoloured`` is of a page that was looked at whole and has other colours since.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    how = {"runOnly": {"type": "rule", "values": OF_COLOURS}} if is_recoloured else {}
    found = json.loads(page.evaluate(LOOK, how))
    report: str = AxeResults({"violations": found}).generate_report()
    return report if found else ""
