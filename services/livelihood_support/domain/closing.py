"""Alerts that a window to apply closes soon: one for each code that may still be applied for."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.kept import KeptAnswer
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.domain.reach import owned
from services.livelihood_support.errors import AlertMoveNotAllowed, AlertNotFound
from services.livelihood_support.models import Alert, AlertKind, CaseFile
from services.livelihood_support.policy import TOLD_BY, AlertMove
from shared.access import Permission
from shared.contracts.vocabulary import EntitlementCode
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.documents import insert_rows
from shared.kit.subjects import Subject
from shared.law.entitlements import Fact
from shared.law.entitling import Decision

Facts = dict[str, Any]


def keep_warnings(
    session: Session,
    case_id: UUID,
    answers: Iterable[KeptAnswer],
    *,
    closes_on: date | None,
    asked_for: Collection[EntitlementCode],
    now: datetime,
) -> None:
    """Bring the alerts of a locked case in line with its answers: raised, said anew or settled.

    ``closes_on`` is the last day of a window that closes soon. What was asked for already is not
    named, nor what the person does not want to apply for by that day.
    """
    missed = _missed(answers, closes_on, asked_for) if closes_on else {}
    for alert in _warned(session, case_id):
        said = missed.get(EntitlementCode(alert.code))
        if alert.settled_at is None and said is None:
            alert.settled_at = now
        elif said is not None and alert.settled_at is None:
            alert.facts = missed.pop(EntitlementCode(alert.code))
        elif said is not None and _is_declined(alert, said):
            del missed[EntitlementCode(alert.code)]
    session.flush()
    kind = AlertKind.WINDOW_CLOSING
    rows = [
        alert_row(kind=kind, case_id=case_id, code=code, now=now, facts=said)
        for code, said in missed.items()
    ]
    insert_rows(session, Alert, rows)


def _missed(
    answers: Iterable[KeptAnswer], closes_on: date, asked_for: Collection[EntitlementCode]
) -> dict[EntitlementCode, Facts]:
    """What may still be granted, hangs on the window, and was not asked for."""
    return {
        answer.code: {
            "last_day": closes_on.isoformat(),
            "missing": list(answer.facts),
            "can_be_told": sorted({it for fact in answer.facts for it in TOLD_BY[Fact(fact)]}),
            "can": [AlertMove.DECLINE],
        }
        for answer in answers
        if answer.decision is not Decision.NOT_ENTITLED
        and answer.code not in asked_for
        and Fact.APPLIED_IN_TIME in answer.used
    }


def _warned(session: Session, case_id: UUID) -> Sequence[Alert]:
    """Every such alert of a case, the settled ones too: one of them may have been declined."""
    return session.scalars(
        select(Alert)
        .where(Alert.case_id == case_id, Alert.kind == AlertKind.WINDOW_CLOSING)
        .order_by(Alert.id)
        .execution_options(populate_existing=True),
    ).all()


def _is_declined(alert: Alert, said: Facts) -> bool:
    """Whether the person does not want to apply by this very day."""
    same_day = alert.facts["last_day"] == said["last_day"]
    return same_day and alert.facts.get("said") == AlertMove.DECLINE


def settle_asked_for(
    session: Session, case_id: UUID, code: EntitlementCode, *, now: datetime
) -> None:
    """A need is asked for: nobody has to be warned of its window any more."""
    _settle(session, (Alert.case_id == case_id) & (Alert.code == code), now)


def settle_of_cases(session: Session, case_ids: Collection[UUID], *, now: datetime) -> None:
    """Nobody can apply for anything in these cases now."""
    _settle(session, among(Alert.case_id, case_ids), now)


def _settle(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(Alert)
        .where(which, Alert.kind == AlertKind.WINDOW_CLOSING, Alert.settled_at.is_(None))
        .values(settled_at=now)
        .execution_options(synchronize_session=False),
    )


def move_alert(
    session: Session,
    *,
    alert_id: UUID,
    move: AlertMove,
    subject: Subject,
    actor: str,
    now: datetime,
) -> Alert:
    """Settle an alert because the person does not want what it is about; it is kept who said so.

    Refused: not there for the subject; a case that another organisation owns; settled already; an
    alert of something that only another act can settle.
    The code can still be asked for as long as the window is open.
    """
    is_reached = owned(subject, Permission.ALERT_SETTLE, now)
    of_alert = select(Alert.case_id).join(CaseFile, CaseFile.case_id == Alert.case_id)
    case_id = session.scalar(of_alert.where(Alert.id == alert_id, is_reached))
    if case_id is None:
        raise AlertNotFound
    lock_own(session, case_id, subject, Permission.ALERT_SETTLE, now)
    alert = session.get_one(Alert, alert_id, populate_existing=True)
    if alert.kind != AlertKind.WINDOW_CLOSING or alert.settled_at is not None:
        raise AlertMoveNotAllowed(kind=alert.kind)
    alert.settled_at = now
    alert.facts = {**alert.facts, "said": move}
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="alert.declined",
        object_id=alert.id,
        now=now,
        case_id=str(case_id),
        code=alert.code,
    )
    return alert
