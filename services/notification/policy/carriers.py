"""By which carrier a message goes, where its channel has several; and when one is left to rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notification.policy.attempts import PAUSED_FROM, AttemptOutcome, pause_after
from services.notification.policy.mails import is_of_receiver
from services.notification.policy.retries import MINUTE
from shared.contracts.vocabulary import ChannelKind

Weights = Mapping[ChannelKind, Mapping[str, int]]
"""The carriers that a process has, by channel and name: how much of what is sent goes by each."""

MAIN = "main"
"""What a carrier is called where there is one, and no file that names it."""
WINDOW = timedelta(minutes=10)
"""The last minutes, whose calls decide; GOV.UK Notify looks at the last ten to fifteen."""
FEW = 3
"""Failed calls of the window that say nothing yet. Chosen here: five cases a year are few calls."""


@dataclass(frozen=True)
class Calls:
    """How often a carrier was called, and how often it failed then."""

    calls: int = 0
    failures: int = 0

    @property
    def is_bad(self) -> bool:
        """Whether too much has failed: as many as must, and half of all."""
        return self.failures >= FEW and 2 * self.failures >= self.calls


@dataclass(frozen=True)
class Rest:
    """Since when a carrier is left alone, until when, and whether one try finds out already."""

    since: datetime | None = None
    until: datetime | None = None
    times: int = 0
    """How often in a row it was given a rest; each is twice as long as the one before."""
    tried_until: datetime | None = None
    """Until when a try that finds out is waited for; unset while there is none."""
    last_failed_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether it is to be tried again: by one message, and by another if that one is lost."""
        is_rested = self.until is not None and self.until <= now
        return is_rested and (self.tried_until is None or self.tried_until <= now)


@dataclass(frozen=True)
class Standing:
    """A carrier among which is chosen."""

    name: str
    weight: int
    rest: Rest = Rest()

    def tried(self, until: datetime) -> "Standing":
        """The same, once a message was given to it that finds out how it is doing."""
        return replace(self, rest=replace(self.rest, tried_until=until))


@dataclass(frozen=True)
class Past:
    """What earlier tries of one message say of who is asked next."""

    held_by: str | None = None
    """Who may have sent it, where a second copy would harm: nobody else can know that."""
    deferred_by: str | None = None
    """Who was told to come again: whoever waits for that knows it by where it comes from."""
    failed: frozenset[str] = frozenset()
    """Who failed it last, and is not asked again while another one is there."""


UNTRIED = Past()


def choose_carrier(
    standings: Sequence[Standing], *, past: Past = UNTRIED, draw: float, now: datetime
) -> str:
    """Who is asked: by weight among those that do not rest, and always somebody.

    One whose rest is over is asked before them, for that is how it is known whether it is well. One
    without weight is asked where no other can be. If all rest, the one that failed longest ago is.

    ``draw``, from 0 to below 1, decides by weight; ``standings`` are one at least.
    """
    if any(each.name == past.held_by for each in standings):
        return str(past.held_by)
    able = [each for each in standings if each.rest.since is None or each.rest.is_over(now)]
    if not able:
        return min(standings, key=lambda it: (it.rest.last_failed_at or now, it.name)).name
    if any(each.name == past.deferred_by for each in able):
        return str(past.deferred_by)
    able = [each for each in able if each.name not in past.failed] or able
    able = [each for each in able if each.weight] or able
    rested = [each for each in able if each.rest.since is not None]
    return rested[0].name if rested else _by_weight(able, draw)


def _by_weight(able: Sequence[Standing], draw: float) -> str:
    weights = [each.weight or not any(it.weight for it in able) for each in able]
    point = draw * sum(weights)
    for each, weight in zip(able, weights, strict=True):
        point -= weight
        if point < 0:
            return each.name
    return able[-1].name


def past_of(channel: ChannelKind, tries: Sequence[tuple[str, AttemptOutcome]]) -> Past:
    """What earlier tries say: by which carrier each went, and how it ended, in their order."""
    if not tries:
        return UNTRIED
    held = [name for name, outcome in tries if outcome is AttemptOutcome.UNKNOWN]
    name, outcome = tries[-1]
    return Past(
        held_by=held[-1] if held and channel is ChannelKind.SMS else None,
        deferred_by=name if outcome is AttemptOutcome.DEFERRED else None,
        failed=frozenset({name}) if outcome is not AttemptOutcome.DEFERRED else frozenset(),
    )


def is_fault_of_carrier(channel: ChannelKind, outcome: AttemptOutcome) -> bool:
    """Whether a call says that whoever carries is not well: nothing of who is written to."""
    return not is_of_receiver(channel, outcome)


def has_certainly_stayed(channel: ChannelKind, outcome: AttemptOutcome) -> bool:
    """Whether a carrier failed in a way that lets another one be asked for the same message."""
    return is_fault_of_carrier(channel, outcome) and outcome is not AttemptOutcome.UNKNOWN


def rest_after(
    rest: Rest,
    *,
    told: Calls,
    window: Calls,
    asked: int = 0,
    now: datetime,
    unit_seconds: float = 1.0,
) -> Rest:
    """How a carrier stands after some calls, of which the window has counted all.

    Any success ends a rest. What fails while it rests was called before, and lengthens nothing,
    unless it was the try that finds out. ``asked`` are the seconds it wants to be left alone.
    """
    if rest.since is not None and told.failures < told.calls:
        rest = Rest(last_failed_at=rest.last_failed_at)
        return replace(rest, last_failed_at=now) if told.failures else rest
    if not told.failures:
        return rest
    failed = replace(rest, last_failed_at=now)
    if rest.since is None:
        is_to_rest = window.is_bad or asked > 0
        return _resting(failed, now, asked, unit_seconds) if is_to_rest else failed
    return failed if rest.tried_until is None else _resting(failed, now, asked, unit_seconds)


def _resting(rest: Rest, now: datetime, asked: int, unit_seconds: float) -> Rest:
    """As long as an endpoint is paused: twice as long each time, up to an hour."""
    pause = pause_after(PAUSED_FROM + rest.times, asked, unit_seconds=unit_seconds)
    return replace(
        rest,
        since=rest.since or now,
        until=now + timedelta(seconds=pause),
        times=rest.times + 1,
        tried_until=None,
    )


def minute_of_call(now: datetime) -> datetime:
    """The minute that a call is counted in."""
    return now.replace(second=0, microsecond=0)


def first_minute_of_window(now: datetime) -> datetime:
    """The first minute that the window looks at."""
    return minute_of_call(now - WINDOW + timedelta(seconds=MINUTE))
