"""The glossary: one row for one word, each with its meaning, our own words among them."""

import unicodedata
from collections.abc import Sequence

HOUSE = {
    "person", "case", "caseworker", "organisation", "programme", "referral", "move", "offer",
    "consent", "disclosure", "verification", "protection", "entitlement", "need", "plan",
    "enrolment", "follow_up", "message", "event", "command", "outbox", "relay", "inbox", "claim",
    "park", "replay", "delivery", "attempt",
}  # fmt: skip


def test_every_word_of_the_house_has_a_row(glossary: Sequence[list[str]]) -> None:
    assert {row[0] for row in glossary} >= HOUSE


def test_a_word_has_one_row_of_five_cells(glossary: Sequence[list[str]]) -> None:
    keys = [row[0] for row in glossary]
    assert len(set(keys)) == len(keys)
    assert all(len(row) == 5 and all(row) for row in glossary)


def test_a_meaning_is_one_sentence(glossary: Sequence[list[str]]) -> None:
    for key, _, _, meaning, _ in glossary:
        assert meaning[0].isupper(), key
        assert meaning.endswith("."), key
        assert meaning.count(". ") == 0, key


def test_no_word_is_forbidden_and_used_for_itself(glossary: Sequence[list[str]]) -> None:
    for key, _, english, _, wrong in glossary:
        assert english not in wrong.split(", "), key
        assert unicodedata.is_normalized("NFC", wrong), key
