"""A plan computed anew: the answers that changed, who is referred by it, and what a person must do.

Nothing of an earlier revision changes. What was referred and is granted no longer goes on, under an
alert: whether to end it, somebody decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.answers import (
    Answers,
    answers_for,
    tellable,
    told_of,
)
from services.livelihood_support.domain.applications import applications_of
from services.livelihood_support.domain.closing import keep_warnings
from services.livelihood_support.domain.kept import KeptAnswer, Revision, keep_sets, revisions_of
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.referring import new_referral, place_new
from services.livelihood_support.domain.tracks import read_track, regime_of
from services.livelihood_support.models import (
    SETTLED_REFERRALS,
    Alert,
    AlertKind,
    CaseFile,
    Plan,
    PlanRevision,
    Referral,
)
from services.livelihood_support.policy import Move, RevisionCause, Track
from shared.contracts import PlanOpened, PlanRevised
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReferralStatus,
    Regime,
)
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows, row_of
from shared.kit.identifiers import id_of
from shared.law.entitlements import Fact
from shared.law.entitling import Decision
from shared.law.entitling import Entitlement as Answer
from shared.messaging import outbox
from shared.rulebook import rules_of

ENDED_UNSERVED = (ReferralStatus.FAILED, ReferralStatus.ENTERED_IN_ERROR)
"""Ends of a referral, in releases before, after which the need is still there and nobody decided
that it is not to be sought.
"""


@dataclass(frozen=True)
class Change:
    """The answer for one code, before and after; ``facts`` are those it now hangs on."""

    code: EntitlementCode
    from_decision: Decision
    to_decision: Decision
    facts: Sequence[str]
    legal_ref: str
    status: str


@dataclass(frozen=True)
class Revised:
    """What became of a plan; without a plan nothing did yet."""

    plan_id: UUID | None
    revision: int | None
    changes: Sequence[Change]
    referred: Sequence[EntitlementCode] = ()


def revise_plan(
    session: Session,
    case: LockedCase,
    *,
    cause: RevisionCause,
    fact_id: UUID | None,
    actor: str,
    now: datetime,
) -> Revised:
    """Compute the answers of a locked case anew; if one is another, they are a new revision.

    What is newly granted and was asked for is referred at once. A case without a plan is left as it
    is: the facts are used when its plan opens.
    """
    plan = session.scalars(select(Plan).where(Plan.case_id == case.case_id)).one_or_none()
    if plan is None:
        return Revised(None, None, ())
    last = newest_revision(session, plan.id)
    before, number = last.answers, last.number
    track, regime = read_track(session, plan), regime_of(session, plan)
    sources = told_of(session, [case.case_id])[case.case_id]
    applications = applications_of(session, case.case_id, regime)
    after = answers_for(
        case,
        sources,
        rules_of(session),
        regime=regime,
        is_identified=track is Track.IDENTIFIED or not plan.is_provisional,
        now=now,
        applications=applications,
    )
    kept = after.kept()
    if track is Track.IDENTIFIED:
        _look_again(session, case, after, now)
        keep_warnings(
            session,
            case.case_id,
            kept.values(),
            closes_on=after.window.closes_soon(local_date(now)),
            asked_for=applications.asked_for(case),
            now=now,
        )
    if kept == before and cause is not RevisionCause.IDENTIFIED:
        return Revised(plan.id, number, ())
    revision = _revision(plan, number + 1, after, cause=cause, fact_id=fact_id, now=now)
    keep_sets(session, [after.given])
    insert_rows(session, PlanRevision, [row_of(revision)])
    _settle(session, case, after, now)
    _warn(session, case, before, after, now)
    changes = changes_between(before, kept)
    to_refer = _to_refer(session, case, changes) if track is not Track.ENDED else []
    _record(session, case, revision, actor, now)
    if cause is RevisionCause.IDENTIFIED:
        _tell_opened(session, case, revision, after, regime, referrals=len(to_refer), now=now)
    elif changes:
        _tell(session, case, revision, after, changes, referrals=len(to_refer), now=now)
    _refer(session, case, revision, to_refer, actor=actor, now=now)
    return Revised(plan.id, revision.number, changes, to_refer)


def _look_again(session: Session, case: LockedCase, after: Answers, now: datetime) -> None:
    """A told day, or an exception, moves when the window to apply is looked at."""
    session.execute(
        update(CaseFile)
        .where(CaseFile.case_id == case.case_id)
        .values(window_look_on=after.window.look_after(local_date(now)))
        .execution_options(synchronize_session=False)
    )


def newest_revision(session: Session, plan_id: UUID) -> Revision:
    """The answers of a plan as they are now."""
    return revisions_of(session, plan_id)[-1]


def changes_between(
    before: Mapping[EntitlementCode, KeptAnswer],
    after: Mapping[EntitlementCode, KeptAnswer],
) -> list[Change]:
    """The codes for which another answer is given, or for which other facts are missing."""
    return [
        Change(code, before[code].decision, it.decision, it.facts, it.legal_ref, it.status)
        for code, it in after.items()
        if (it.decision, *it.facts) != (before[code].decision, *before[code].facts)
    ]


def _revision(
    plan: Plan,
    number: int,
    after: Answers,
    *,
    cause: RevisionCause,
    fact_id: UUID | None,
    now: datetime,
) -> PlanRevision:
    """The same again when a restored database does the same again."""
    return PlanRevision(
        id=id_of(plan.id, f"revision {cause} {fact_id}", number),
        plan_id=plan.id,
        number=number,
        category=after.category,
        cause=cause,
        fact_id=fact_id,
        revised_at=now,
        answers_id=after.given.id,
        rests_on=after.rests_on,
    )


def _settle(session: Session, case: LockedCase, after: Answers, now: datetime) -> None:
    """Open alerts say what is missing now, or speaks against it, and end where nothing does."""
    unclear = {row["code"]: row for row in after.unclear(case, now)}
    refused = {each.code: each for each in after.every if each.decision is not Decision.ENTITLED}
    for alert in _open_alerts(session, case.case_id):
        code = EntitlementCode(alert.code)
        if alert.kind == AlertKind.NO_LONGER_GRANTED and code in refused:
            alert.facts = _what_to_do(refused[code], after)
        elif alert.kind == AlertKind.NEEDS_INFORMATION and code in unclear:
            alert.facts = unclear.pop(code)["facts"]
        else:
            alert.settled_at = now
    session.flush()
    insert_rows(session, Alert, list(unclear.values()))


def _open_alerts(session: Session, case_id: UUID) -> Sequence[Alert]:
    return session.scalars(
        select(Alert).where(
            Alert.case_id == case_id,
            Alert.kind.in_([AlertKind.NEEDS_INFORMATION, AlertKind.NO_LONGER_GRANTED]),
            Alert.settled_at.is_(None),
        ),
    ).all()


def _warn(
    session: Session,
    case: LockedCase,
    before: Mapping[EntitlementCode, KeptAnswer],
    after: Answers,
    now: datetime,
) -> None:
    """Name each referral that goes on although its code is granted no longer."""
    lost = {
        each.code: each
        for each in after.every
        if each.decision is not Decision.ENTITLED
        and before[each.code].decision is Decision.ENTITLED
    }
    running = session.execute(
        select(Referral.id, Referral.code).where(
            Referral.case_id == case.case_id,
            among(Referral.code, lost),
            Referral.status.not_in(SETTLED_REFERRALS),
        ),
    )
    rows = [
        alert_row(
            kind=AlertKind.NO_LONGER_GRANTED,
            case_id=case.case_id,
            code=EntitlementCode(row.code),
            now=now,
            referral_id=row.id,
            facts=_what_to_do(lost[EntitlementCode(row.code)], after),
        )
        for row in running
    ]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)


def _what_to_do(answer: Answer, after: Answers) -> dict[str, object]:
    """Cancel the referral, let it go on, or tell the facts that would grant it again."""
    said: dict[str, object] = {
        "decision": answer.decision,
        "because": list(answer.facts),
        "can_be_told": tellable(answer.facts),
        "can": [Move.CANCEL],
    }
    if Fact.APPLIED_IN_TIME in answer.facts and after.last_day:
        said["window_closed_on"] = after.last_day.isoformat()
    return said


def _to_refer(
    session: Session,
    case: LockedCase,
    changes: Sequence[Change],
) -> list[EntitlementCode]:
    """What is newly granted and was asked for, in the order of the request.

    Not what is referred already, was met, or was ended by a case owner, for whatever reason: the
    case owner asks for that again, with the person (ADR 0025).
    """
    granted = {each.code for each in changes if each.to_decision is Decision.ENTITLED}
    asked = [code for code in case.requested_services if code in granted]
    if not asked:
        return []
    rows = session.execute(
        select(Referral.code, Referral.status)
        .where(Referral.case_id == case.case_id)
        .order_by(Referral.opened_at, Referral.id),
    )
    last = {row.code: row.status for row in rows}
    return [code for code in asked if code not in last or last[code] in ENDED_UNSERVED]


def _refer(
    session: Session,
    case: LockedCase,
    revision: PlanRevision,
    codes: Sequence[EntitlementCode],
    *,
    actor: str,
    now: datetime,
) -> None:
    referrals = [
        new_referral(revision.id, revision.plan_id, case, code, place=place, now=now)
        for place, code in enumerate(codes)
    ]
    place_new(session, [(referral, case) for referral in referrals], actor=actor, now=now)


def _record(
    session: Session, case: LockedCase, revision: PlanRevision, actor: str, now: datetime
) -> None:
    audit.record(
        session,
        actor=actor,
        action="plan.revised",
        object_id=revision.plan_id,
        now=now,
        case_id=str(case.case_id),
        revision=revision.number,
        fact_id=str(revision.fact_id) if revision.fact_id else None,
    )


def _tell(
    session: Session,
    case: LockedCase,
    revision: PlanRevision,
    after: Answers,
    changes: Sequence[Change],
    *,
    referrals: int,
    now: datetime,
) -> None:
    told = PlanRevised(
        occurred_at=now,
        case_id=case.case_id,
        plan_id=revision.plan_id,
        revision_id=revision.id,
        revision=revision.number,
        entitled=after.decided(Decision.ENTITLED),
        needs_information=after.decided(Decision.NEEDS_INFORMATION),
        changed=tuple(each.code for each in changes),
        referrals=referrals,
    )
    outbox.add(session, told)


def _tell_opened(
    session: Session,
    case: LockedCase,
    revision: PlanRevision,
    after: Answers,
    regime: Regime,
    *,
    referrals: int,
    now: datetime,
) -> None:
    """The plan is that of an identified person from now on; whom it asks, further messages say."""
    told = PlanOpened(
        occurred_at=now,
        case_id=case.case_id,
        plan_id=revision.plan_id,
        regime=regime,
        entitled=after.decided(Decision.ENTITLED),
        needs_information=after.decided(Decision.NEEDS_INFORMATION),
        referrals=referrals,
    )
    outbox.add(session, told)
