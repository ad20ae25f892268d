"""The window to apply of the older law: shown before it closes, and answered by when it has."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.answers import told_of, window_of
from services.livelihood_support.domain.locks import (
    LockedCase,
    codes_to_place,
    holding,
    lock_free_cases,
)
from services.livelihood_support.domain.revisions import newest_answers, revise_plan
from services.livelihood_support.models import Alert, AlertKind, CaseFile, Plan
from services.livelihood_support.policy import Decision, Fact, RevisionCause, Window
from shared.contracts.vocabulary import Regime
from shared.kit.clock import local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.messaging.sweeps import each_alone, resting

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
    plan = session.scalars(select(Plan).where(Plan.case_id == case.case_id)).one_or_none()
    sources = told_of(session, [case.case_id])[case.case_id]
    window = Window(None)
    if plan is not None:
        window = window_of(case.identified_on, sources, regime=Regime(plan.regime))
        if window.applied(local_date(now)) and window.look_on(local_date(now)):
            _warn(session, case, plan, window, now)
        else:
            _settle(session, case, now)
            cause = RevisionCause.WINDOW_CLOSED
            revise_plan(session, case, cause=cause, fact_id=None, actor=ACTOR, now=now)
    session.execute(
        update(CaseFile)
        .where(CaseFile.case_id == case.case_id)
        .values(window_look_on=window.look_on(local_date(now)))
        .execution_options(synchronize_session=False)
    )


def _warn(session: Session, case: LockedCase, plan: Plan, window: Window, now: datetime) -> None:
    """Of each code that was not asked for, hangs on the window, and may still be granted."""
    rows = [
        alert_row(
            kind=AlertKind.WINDOW_CLOSING,
            case_id=case.case_id,
            code=code,
            now=now,
            facts={"last_day": window.end.last_day.isoformat() if window.end else None},
        )
        for code, answer in newest_answers(session, plan.id).items()
        if answer.decision != Decision.NOT_ENTITLED
        and code not in case.requested_services
        and Fact.APPLIED_IN_TIME in answer.used
    ]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)


def _settle(session: Session, case: LockedCase, now: datetime) -> None:
    session.execute(
        update(Alert)
        .where(
            Alert.case_id == case.case_id,
            Alert.kind == AlertKind.WINDOW_CLOSING,
            Alert.settled_at.is_(None),
        )
        .values(settled_at=now)
        .execution_options(synchronize_session=False)
    )
