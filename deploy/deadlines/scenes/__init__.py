"""The scenes, each from its first day to its last; between two moments of one the others go on.

A scene is a function that yields the moments at which it goes on. Whoever adds one gives what it
shows a name in ``board.Shown``, a text in both catalogues, and puts it among these.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from deploy.deadlines.board import Board
from deploy.deadlines.exchange import Exchange
from deploy.deadlines.scenes.announced import are_handed_over
from deploy.deadlines.scenes.presumed import is_presumed
from deploy.deadlines.scenes.protected import is_protected_in_time, is_protected_late
from deploy.deadlines.scenes.staying import is_near_the_end_of_a_stay
from deploy.deadlines.scenes.unverified import has_no_authority
from deploy.deadlines.scenes.verified import is_extended_and_paused, is_over

Scene = Callable[[Exchange, Board], Iterator[datetime]]
SCENES: Sequence[Scene] = (
    is_extended_and_paused,
    is_over,
    is_presumed,
    is_protected_in_time,
    is_protected_late,
    is_near_the_end_of_a_stay,
    are_handed_over,
    has_no_authority,
)
