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


class Forgotten:
    """The cases that wait for their agency; nearly always none.

    They are looked up with whatever is read next.
    """

    def __init__(self, session: Session) -> None:
        self._waiting = alerts.open_objects_soon(session, AlertKind.CASE_FORGOTTEN)

    def by_tail(self) -> Mapping[int, UUID]:
        """Their ids, by what the id of a case submitted again has in common with them."""
        return {tail_of(case_id): case_id for (case_id,) in self._waiting}


def settle_forgotten(session: Session, case_ids: Collection[UUID], now: datetime) -> None:
    """They are here again: what the others tell of them can be taken in."""
    subject = CaseReceived.type
    kind = AlertKind.CASE_FORGOTTEN
    alerts.settle(session, kind, subject=subject, object_ids=case_ids, now=now)
    holding.wake_about(session, case_ids)
