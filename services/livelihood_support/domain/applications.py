"""On which day a code of the older law was applied for, so that a window can be held against it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.kept import revisions_of
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.models import Need, Plan
from services.livelihood_support.policy import Known, Window
from shared.contracts.vocabulary import EntitlementCode, Regime
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.law.entitlements import Fact
from shared.law.entitling import Decision

Moments = Mapping[EntitlementCode, datetime]


@dataclass(frozen=True)
class Applications:
    """What a case applied for, beside what was asked for at reception."""

    needs: Moments = field(default_factory=dict)
    """When a need was first asked for, whether it has ended or not."""
    grants: Moments = field(default_factory=dict)
    """When a former release, which looked at no window, granted a code."""

    def asked_for(self, case: LockedCase) -> frozenset[EntitlementCode]:
        """The codes that nobody has to apply for any more."""
        return frozenset({*case.requested_services, *self.needs})

    def in_time(
        self, case: LockedCase, code: EntitlementCode, window: Window, today: date
    ) -> Known | None:
        """Whether a code was applied for in time; what was not asked for yet, is by today.

        What was granted without looking stays granted while the window is not known.
        """
        found = window.applied(self._day(case, code) or today)
        return Known(holds=True) if found is None and code in self.grants else found

    def _day(self, case: LockedCase, code: EntitlementCode) -> date | None:
        """The first day on which the code was asked for, or granted."""
        asked = [said[code] for said in (self.needs, self.grants) if code in said]
        if code in case.requested_services:
            asked.append(case.received_at)
        return local_date(min(asked)) if asked else None


def applications_of(session: Session, case_id: UUID, regime: Regime) -> Applications:
    """What a case has applied for under a law; under one without a window nobody asks for it."""
    codes = periods.windowed(regime)
    if not codes:
        return Applications()
    return Applications(_needs(session, case_id, codes), _grants(session, case_id, codes))


def _needs(session: Session, case_id: UUID, codes: Collection[EntitlementCode]) -> Moments:
    rows = session.execute(
        select(Need.code, func.min(Need.asked_at))
        .where(Need.case_id == case_id, among(Need.code, codes))
        .group_by(Need.code),
    )
    return {EntitlementCode(code): first for code, first in rows}


def _grants(session: Session, case_id: UUID, codes: Collection[EntitlementCode]) -> Moments:
    plan_id = session.scalar(select(Plan.id).where(Plan.case_id == case_id))
    first: dict[EntitlementCode, datetime] = {}
    for revision in revisions_of(session, plan_id) if plan_id else ():
        for code in codes:
            answer = revision.answers[code]
            is_granted = answer.decision is Decision.ENTITLED
            if is_granted and Fact.APPLIED_IN_TIME not in answer.used:
                first.setdefault(code, revision.since)
    return first
