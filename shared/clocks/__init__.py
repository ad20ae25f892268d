"""Clocks: periods of the law that run, as rows, with what moved their end and who was told."""

from shared.clocks.awaiting import Awaited, begin, look
from shared.clocks.clock import Beginning, Clock, begun, ended, extended, paused, resumed
from shared.clocks.following import FOLLOW, follow, rehearse
from shared.clocks.keeping import find, find_free, find_locked, find_these, keep, start
from shared.clocks.retention import RETENTION
from shared.clocks.stages import ClockStage, Holders
from shared.clocks.sweep import RECOUNT, WATCH, Keeper, Watch
from shared.clocks.tables import CLOCKS, TABLES
from shared.clocks.telling import told

__all__ = [
    "CLOCKS",
    "FOLLOW",
    "RECOUNT",
    "RETENTION",
    "TABLES",
    "WATCH",
    "Awaited",
    "Beginning",
    "Clock",
    "ClockStage",
    "Holders",
    "Keeper",
    "Watch",
    "begin",
    "begun",
    "ended",
    "extended",
    "find",
    "find_free",
    "find_locked",
    "find_these",
    "follow",
    "keep",
    "look",
    "paused",
    "rehearse",
    "resumed",
    "start",
    "told",
]
