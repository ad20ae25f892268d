"""The rows of the law as they hold now: those of the release, and those published since."""

from shared.rulebook.keeping import keep_rows
from shared.rulebook.reading import Reach, moving_rows, proposed_row, rules_of
from shared.rulebook.tables import LAW_ROWS

__all__ = ["LAW_ROWS", "Reach", "keep_rows", "moving_rows", "proposed_row", "rules_of"]
