"""How somebody goes about who follows every link of the console that a page shows."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2

IS_ID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|HP(?:-[0-9A-Z]{4}){2}|vn(?:\.[a-z_]+)+\.v1"
)
"""What a page is about: a thing by its id, a case by its code, a kind of notice by its type."""
OF_A_KIND = 8
"""Pages of one kind that one role opens; lists begin with what is newest."""
MOST = 400
"""Pages of one role: a calendar without end would be followed for ever."""


def kind_of(address: str) -> str:
    """What pages of one kind have in common: their path without what it is about."""
    return IS_ID.sub("{}", urlsplit(address).path)


class Read(HTMLParser):
    """The links of a page, what it loads, and its title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.title = ""
        self._is_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._is_title = tag == "title"
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
        if tag == "script" and known.get("src"):
            self.loads.append(str(known["src"]))
        if tag == "link" and known.get("rel") == "stylesheet":
            self.loads.append(str(known["href"]))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as its base has it
        self._is_title = False

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.title += data


@dataclass
class Walk:
    """What one role met: every address that a link led to, and what was answered there."""

    pages: dict[str, httpx2.Response] = field(default_factory=dict)

    def follow(self, client: httpx2.Client, start: str) -> None:
        """Follow every link from here, within the console."""
        waiting, met = [start], Counter[str]()
        while waiting:
            address = waiting.pop(0)
            kind = kind_of(address)
            if address in self.pages or met[kind] == OF_A_KIND:
                continue
            met[kind] += 1
            assert len(self.pages) < MOST, sorted(self.pages)[-5:]
            answer = self.pages[address] = client.get(address)
            if is_page(answer):
                found = (urljoin(str(answer.url), it) for it in Read(answer.text).links)
                waiting += [urldefrag(it).url for it in found if _is_within(it, client)]

    def kinds(self) -> Iterator[tuple[str, str]]:
        """One address of each kind of page, with the kind: whose story it is makes none."""
        known: dict[str, str] = {}
        for address, answer in self.pages.items():
            if is_for_people(answer):
                known.setdefault(kind_of(str(answer.url)), address)
        yield from known.items()


def is_page(answer: httpx2.Response) -> bool:
    return "html" in answer.headers.get("Content-Type", "")


def is_for_people(answer: httpx2.Response) -> bool:
    """All but the reference of the APIs: swagger-ui draws it, for programmers."""
    return is_page(answer) and not answer.url.path.startswith("/docs/")


def _is_within(address: str, client: httpx2.Client) -> bool:
    parts = urlsplit(address)
    return parts.netloc == client.base_url.netloc.decode() and parts.scheme in {"http", "https"}
