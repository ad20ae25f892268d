"""The words that no text to a phone may have, read once: static data of the package."""

from functools import cache
from importlib.resources import files

from services.notification.policy import TellingWord, parse_telling

PACKAGE = "services.notification"


@cache
def telling_words() -> tuple[TellingWord, ...]:
    """The list that this release ships with."""
    path = files(PACKAGE).joinpath("rules", "telling.toml")
    return parse_telling(path.read_text(encoding="utf-8"))
