"""Catalogues of texts: read from gettext's own files, merged, and looked up by key."""

import re
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import polib

from shared.texts.choice import TextLanguage

SHARED = Path(__file__).parent
FOLDER = "texts"
_SERVICES = SHARED.parents[1] / "services"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

Vocabularies = dict[str, dict[str, str]]


def placeholders(text: str) -> set[str]:
    """The names of the facts a text is filled with."""
    return set(_PLACEHOLDER.findall(text))


class Texts:
    """Every text of some folders in each language; what a later folder says comes first."""

    def __init__(self, *folders: Path) -> None:
        self._said = {language: _translations(folders, language) for language in TextLanguage}
        self._listed = {language: _listed(folders, language) for language in TextLanguage}

    def say(self, language: TextLanguage, vocabulary: str, code: str, **facts: Any) -> str:
        """The text of a code, with its facts filled in; a code without a text speaks for itself.

        Raises ``KeyError`` if a fact is missing that the text names.
        """
        text = self._said[language].pgettext(vocabulary, code)
        return _PLACEHOLDER.sub(lambda named: str(facts[named[1]]), text)

    def has(self, vocabulary: str, code: str) -> bool:
        """Whether a code of a vocabulary has a text."""
        return code in self._listed[TextLanguage.VIETNAMESE].get(vocabulary, {})

    def vocabularies(self, language: TextLanguage) -> Vocabularies:
        """Every text by vocabulary and code, facts not filled in."""
        return self._listed[language]


@cache
def _read(folder: Path, language: TextLanguage) -> polib.POFile:
    return polib.pofile(str(folder / f"{language}.po"))


def _translations(folders: tuple[Path, ...], language: TextLanguage) -> GNUTranslations:
    """The folders' catalogues, compiled here: nothing has to be built before it can be read."""
    first: GNUTranslations | None = None
    for folder in folders:
        read = GNUTranslations(BytesIO(_read(folder, language).to_binary()))
        if first is not None:
            read.add_fallback(first)
        first = read
    if first is None:
        raise ValueError("no folder to read texts from")
    return first


def _listed(folders: tuple[Path, ...], language: TextLanguage) -> Vocabularies:
    found: Vocabularies = {}
    for folder in folders:
        for entry in _read(folder, language).translated_entries():
            found.setdefault(entry.msgctxt, {})[entry.msgid] = entry.msgstr
    return {name: dict(sorted(codes.items())) for name, codes in sorted(found.items())}


@cache
def shared_texts() -> Texts:
    """What every service says."""
    return Texts(SHARED)


@cache
def of_service(service: str) -> Texts:
    """What a service says: the texts of all, and its own."""
    return Texts(SHARED, _SERVICES / service / FOLDER)
