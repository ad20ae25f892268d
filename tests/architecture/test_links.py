"""Whoever follows a link of a page finds what it names."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import PRODUCT, ROOT

LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    folders = [ROOT / folder for folder in (*PRODUCT, "docs", "tests")]
    return [*ROOT.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]


def links(page: Path) -> Iterator[str]:
    for found in LINK.finditer(page.read_text("utf-8")):
        if "://" not in found["target"] and not found["target"].startswith("mailto:"):
            yield found["target"]


def test_every_link_between_pages_leads_somewhere() -> None:
    followed = [(page, target) for page in pages() for target in links(page)]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in followed
        if not (page.parent / target).exists()
    ]
    assert len(followed) > 100
    assert broken == []
