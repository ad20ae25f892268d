"""Whose turn it is in a facility: of stays, of what is ready, of whom a place is held for."""

from services.livelihood_support.domain.stays import awaiting, duties, readying

TURNS = (*duties.TURNS, *readying.TURNS, *awaiting.TURNS)
