"""The window to apply of the older law: shown before it closes, and answered by when it has."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.answers import told_of, window_of
from services.livelihood_support.domain.applications import applications_of
from services.livelihood_support.domain.closing import keep_warnings
from services.livelihood_support.domain.locks import (
    LockedCase,
    codes_to_place,
    holding,
    lock_free_cases,
)
from services.livelihood_support.domain.revisions import newest_revision, revise_plan
from services.livelihood_support.domain.tracks import regime_of
from services.livelihood_support.models import CaseFile, Plan
from services.livelihood_support.policy import RevisionCause, Window
from shared.kit.clock import local_date
from shared.messaging.sweeps import each_alone, resting
from shared.rulebook import rules_of

BATCH = 64
WATCH = "watch_windows"
ACTOR = f"sweep:{WATCH}"


def watch_windows(session: Session, now: datetime) -> int:
    """Alert of windows that close soon, and revise the plans whose window has closed.

    What was asked for in time, and what runs, goes on. Returns how many cases were looked at.
    """
    due = session.scalars(
        select(CaseFile.case_id)
        .where(CaseFile.window_look_on <= local_date(now), CaseFile.case_id.not_in(resting(WATCH)))
        .order_by(CaseFile.window_look_on, CaseFile.case_id)
        .limit(BATCH),
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, due)
    codes = codes_to_place(session, cases.values())

    def act(some: Sequence[UUID]) -> None:
        for case_id in some:
            _watch(session, cases[case_id], now)

    with holding(session, cases, codes=codes):
        return each_alone(session, WATCH, sorted(cases), act, key=lambda each: each, now=now)


def _watch(session: Session, case: LockedCase, now: datetime) -> None:
    today = local_date(now)
    plan = session.scalars(select(Plan).where(Plan.case_id == case.case_id)).one_or_none()
    sources = told_of(session, [case.case_id])[case.case_id]
    window = Window(None)
    if plan is not None:
        regime = regime_of(session, plan)
        window = window_of(rules_of(session), case.identified_on, sources, regime=regime)
        if window.open_to(today):
            keep_warnings(
                session,
                case.case_id,
                newest_revision(session, plan.id).answers.values(),
                closes_on=window.closes_soon(today),
                asked_for=applications_of(session, case.case_id, regime).asked_for(case),
                now=now,
            )
        else:
            cause = RevisionCause.WINDOW_CLOSED
            revise_plan(session, case, cause=cause, fact_id=None, actor=ACTOR, now=now)
    session.execute(
        update(CaseFile)
        .where(CaseFile.case_id == case.case_id)
        .values(window_look_on=window.look_after(today))
        .execution_options(synchronize_session=False)
    )
