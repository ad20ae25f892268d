"""What the law asks of a reception by the way in which a person came."""

from shared.contracts.vocabulary import Route

CHECKED_FIRST = frozenset({Route.SELF_REPORT, Route.SELF_REPORT_BORDER})
"""Who reports themselves is checked first by the owner of the case, within the days of
``reception.initial_check``. On the other routes a body of the state has met the person, and no text
was seen that asks for it."""
