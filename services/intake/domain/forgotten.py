"""Cases that a restored database has forgotten, while the other services work on them: ADR 0015.

Their identities were sealed here and nowhere else, so their agencies have to submit them again. It
is the same case if the same client submits it under the same Idempotency-Key: the tail of its id
says so. It gets the id back under which the others know it, and is no second case to them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.contracts import CaseReceived
from shared.kit.identifiers import tail_of
from shared.messaging import alerts, holding
from shared.messaging.alerts import AlertKind


def find_forgotten(session: Session) -> Mapping[int, UUID]:
    """The cases that wait for their agency, by the tail of their id; nearly always none."""
    found = alerts.open_objects(session, AlertKind.CASE_FORGOTTEN)
    return {tail_of(case_id): case_id for case_id in found}


def settle_forgotten(session: Session, case_ids: Collection[UUID], now: datetime) -> None:
    """They are here again: what the others tell of them can be taken in."""
    subject = CaseReceived.type
    kind = AlertKind.CASE_FORGOTTEN
    alerts.settle(session, kind, subject=subject, object_ids=case_ids, now=now)
    holding.wake_about(session, case_ids)
