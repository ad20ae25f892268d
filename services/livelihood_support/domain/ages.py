"""A person came into another age band: what is kept of it, and who is asked and may not fit."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row, settle_alerts
from services.livelihood_support.domain.facts import end_told_age
from services.livelihood_support.domain.locks import keep_cases, lock_cases
from services.livelihood_support.domain.revisions import revise_plan
from services.livelihood_support.models import Alert, AlertKind, Offer, Programme, Referral
from services.livelihood_support.policy import OPEN_OFFERS, RevisionCause, is_age_outside
from shared.contracts.vocabulary import AgeBand, EntitlementCode, ReferralStatus
from shared.kit.arrays import among
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, document, insert_rows

_KEEP = text(
    """
    UPDATE case_files SET age_band = told.age_band
      FROM json_to_recordset(CAST(:rows AS json)) AS told(case_id uuid, age_band text)
     WHERE case_files.case_id = told.case_id
    """,
)


def note_ages(
    session: Session, *, bands: Mapping[UUID, AgeBand], now: datetime, actor: str
) -> None:
    """Keep the bands, alert of whose programme is for other ages, and compute the plans anew.

    A told age that says otherwise counts no longer once the person has come to be of age, or is
    found not to be. Nothing that runs is ended: whether the person goes on there, somebody decides
    with the person. Whoever is asked next is chosen by the new band. What has no place is searched
    for again.
    """
    cases = lock_cases(session, list(bands))
    rows = [{"case_id": case_id, "age_band": band} for case_id, band in bands.items()]
    session.execute(_KEEP, {"rows": document(rows)})
    aged = [replace(cases[each], age_band=band) for each, band in sorted(bands.items())]
    keep_cases(session, aged)
    _alert(session, bands, now)
    _search_again(session, bands)
    for case in aged:
        if (cases[case.case_id].age_band is AgeBand.ADULT) is not (case.age_band is AgeBand.ADULT):
            end_told_age(session, case, actor=actor, now=now)
        cause = RevisionCause.AGE_CHANGED
        revise_plan(session, case, cause=cause, fact_id=None, actor=actor, now=now)


def _search_again(session: Session, case_ids: Iterable[UUID]) -> None:
    """Have the sweep look once more for referrals without a place: another may fit now."""
    session.execute(
        update(Referral)
        .where(among(Referral.case_id, case_ids), Referral.status == ReferralStatus.UNPLACED)
        .values(tried_changes=0)
        .execution_options(synchronize_session=False)
    )


def _alert(session: Session, bands: Mapping[UUID, AgeBand], now: datetime) -> None:
    running = _running(session, bands)
    settle_alerts(session, [it.referral_id for it in running], [AlertKind.AGE_OUTSIDE], now=now)
    rows = [
        alert_row(
            kind=AlertKind.AGE_OUTSIDE,
            case_id=it.case_id,
            referral_id=it.referral_id,
            code=EntitlementCode(it.code),
            now=now,
            facts={
                "age_band": bands[it.case_id],
                "organisation_id": str(it.organisation_id),
                "minimum_age": it.minimum_age,
                "maximum_age": it.maximum_age,
            },
        )
        for it in running
        if is_age_outside(bands[it.case_id], minimum=it.minimum_age, maximum=it.maximum_age)
    ]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)


def _running(session: Session, case_ids: Iterable[UUID]) -> list[Any]:
    """Who is asked for these cases, or serves them, with the ages their programmes are for."""
    return list(
        session.execute(
            select(
                Referral.case_id,
                Referral.id.label("referral_id"),
                Referral.code,
                Offer.organisation_id,
                Programme.minimum_age,
                Programme.maximum_age,
            )
            .join(Offer, Offer.referral_id == Referral.id)
            .join(Programme, Programme.id == Offer.programme_id)
            .where(
                among(Referral.case_id, case_ids),
                Offer.is_current,
                Offer.status.in_(OPEN_OFFERS),
            )
            .order_by(Referral.id)
        )
    )
