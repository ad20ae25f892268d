"""Names in the order of the Vietnamese alphabet, as everybody looks for them in a list."""

import unicodedata

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\N{COMBINING GRAVE ACCENT}\N{COMBINING HOOK ABOVE}\N{COMBINING TILDE}"
TONES += "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}"
"""In the order of dictionaries; a letter without a tone comes first."""
Order = tuple[tuple[tuple[bool, int], ...], tuple[int, ...]]


def in_order(name: str) -> Order:
    """What a name is sorted by: its letters, and only where these are the same its tones."""
    letters, tones = [], []
    for each in unicodedata.normalize("NFC", name.casefold()):
        marks = unicodedata.normalize("NFD", each)
        letter = unicodedata.normalize("NFC", "".join(it for it in marks if it not in TONES))
        is_letter = letter in LETTERS
        letters.append((is_letter, LETTERS.index(letter) if is_letter else ord(letter[0])))
        tones.append(max(TONES.find(it) + 1 for it in marks))
    return tuple(letters), tuple(tones)
