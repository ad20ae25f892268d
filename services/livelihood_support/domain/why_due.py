"""By which rule a duty about support is due: the row, and the days that it counts."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Uuid, cast, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.answers import told_of, window_of
from services.livelihood_support.domain.stays.duties import TIMED, explain_stays
from services.livelihood_support.domain.tracks import REGIME
from services.livelihood_support.domain.waiting import ACCEPTED, COMPLETED
from services.livelihood_support.models import Alert, CaseFile, Plan
from services.livelihood_support.policy import ANSWER_BEGAN, PURGE_BEGAN, Duty
from shared import clocks
from shared.contracts.vocabulary import Regime
from shared.duties import Due, Named
from shared.kit.arrays import among
from shared.rulebook import rules_of

Found = Iterator[tuple[UUID, Due]]


def explain(session: Session, named: Sequence[Named]) -> Mapping[Named, Due]:
    """Of these duties the rules by which they are due; what no rule of law dates is left out."""
    due: dict[Named, Due] = {}
    for what, of_kind in _BY_WHAT.items():
        ids = [each for it, each in named if it == what]
        if ids:
            due |= {(what, each): why for each, why in of_kind(session, ids)}
    return due


def _answers(session: Session, ids: Collection[UUID]) -> Found:
    """Offers that have reached their organisations: before that no period runs."""
    yield from _on_clocks(session, ANSWER_BEGAN, ids)


def _questions(session: Session, ids: Collection[UUID]) -> Found:
    """Until the offer has to be answered that was asked about."""
    named = cast(Alert.facts["offer_id"].astext, Uuid)
    asked = session.execute(select(Alert.id, named).where(among(Alert.id, ids))).all()
    due = dict(_answers(session, [offer_id for _, offer_id in asked]))
    yield from ((each, due[offer_id]) for each, offer_id in asked if offer_id in due)


def _purges(session: Session, ids: Collection[UUID]) -> Found:
    yield from _on_clocks(session, PURGE_BEGAN, ids)


def _windows(session: Session, ids: Collection[UUID]) -> Found:
    found = session.execute(
        select(Alert.id, Alert.facts["last_day"].astext, REGIME, CaseFile)
        .join(CaseFile, CaseFile.case_id == Alert.case_id)
        .join(Plan, Plan.case_id == Alert.case_id)
        .where(among(Alert.id, ids))
    ).all()
    told = told_of(session, {file.case_id for *_, file in found})
    for alert_id, last_day, regime, file in found:
        end = window_of(
            rules_of(session), file.identified_on, told[file.case_id], regime=Regime(regime)
        ).end
        if end is not None and end.last_day == date.fromisoformat(last_day):
            yield alert_id, Due(end.period, end)


def _unread(session: Session, ids: Collection[UUID]) -> Found:
    """A purge that is owed, else an answer: what was asked of the organisation last."""
    owed = dict(_purges(session, ids))
    yield from owed.items()
    yield from _answers(session, [each for each in ids if each not in owed])


def _starts(session: Session, ids: Collection[UUID]) -> Found:
    """Of what has just been accepted nothing, until it is on its clock."""
    yield from _on_clocks(session, ACCEPTED, ids)


def _confirmations(session: Session, ids: Collection[UUID]) -> Found:
    yield from _on_clocks(session, COMPLETED, ids)


def _on_clocks(session: Session, fact: str, ids: Collection[UUID]) -> Found:
    """What runs, by the row of its clock; what has ended explains nothing that is due."""
    timed = clocks.find(session, fact, ids)
    for each, clock in timed.items():
        if clock.ended_at is None:
            yield each, Due(clock.period, clock.end)


_BY_WHAT: Mapping[str, Callable[[Session, Collection[UUID]], Found]] = {
    Duty.ANSWER_OFFER: _answers,
    Duty.SEE_TO_ANSWER: _answers,
    Duty.CONFIRM_PURGE: _purges,
    Duty.SEE_TO_PURGE: _purges,
    Duty.ASK_FOR_NEED: _windows,
    Duty.REPLY_TO_QUESTION: _questions,
    Duty.HAVE_NOTICE_READ: _unread,
    Duty.START_SERVICE: _starts,
    Duty.SEE_TO_START: _starts,
    Duty.CONFIRM_SERVICE: _confirmations,
    Duty.SEE_TO_CONFIRMATION: _confirmations,
    **dict.fromkeys(TIMED, explain_stays),
}
