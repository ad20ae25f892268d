"""What becomes of a text on its way: a subject, paragraphs, and the same as HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from services.notification.policy.templates.checking import Wording
from services.notification.policy.templates.syntax import fill, parse

_APART = re.compile(r"\n{2,}")


@dataclass(frozen=True)
class Filled:
    """A text with its facts, as it is read."""

    subject: str
    text: str

    @property
    def plain(self) -> str:
        """Its paragraphs, with an empty line between each."""
        return "\n\n".join(self._paragraphs)

    def html(self, language: str) -> str:
        """The same as a page; what is said is said, and never read as HTML."""
        said = "\n".join(f"<p>{_lines(each)}</p>" for each in self._paragraphs)
        return f'<!doctype html>\n<html lang="{language}"><body>\n{said}\n</body></html>\n'

    @property
    def _paragraphs(self) -> list[str]:
        return _APART.split(self.text)


def filled(wording: Wording, facts: Mapping[str, str]) -> Filled:
    """A text that was checked, with the facts of its kind."""
    return Filled(fill(parse(wording.subject), facts), fill(parse(wording.text), facts))


def _lines(paragraph: str) -> str:
    return escape(paragraph).replace("\n", "<br>\n")
