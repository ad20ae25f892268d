"""What a service cannot settle by itself: an operator must look at it, or whoever owns the case.

One row for each cause: what goes on being wrong is counted, not told again. It is open until its
cause is gone, and says since when. What waits in a referral is told by its domain instead.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, RowMapping, Uuid, and_, bindparam, or_, select, text
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import Role
from shared.kit.documents import document
from shared.kit.identifiers import new_id
from shared.kit.logging import logger
from shared.kit.round_trips import soon
from shared.messaging.tables import OPERATOR_ALERTS


class AlertKind(StrEnum):
    """What is wrong."""

    SWEEP_FAILED = "sweep_failed"
    """A sweep of the relay fails as a whole; ``subject`` is its name."""
    SWEEP_ROW_FAILED = "sweep_row_failed"
    """A sweep cannot move one row, ``object_id``; the others go on."""
    STALE_MESSAGE = "stale_message"
    """A message came under a number its aggregate had passed; ``object_id`` is parked."""
    MESSAGE_PARKED = "message_parked"
    """The message ``object_id`` waits for an operator to decide; ``subject`` is its type."""
    MESSAGE_LATE = "message_late"
    """It has been held for too long, and is still tried; ``subject`` is its type."""

    CASE_FORGOTTEN = "case_forgotten"
    """The others work on the case ``object_id``, of which a restored intake knows nothing."""
    CASE_WITHOUT_OWNER = "case_without_owner"
    """Nobody owns the case ``object_id``: whoever comes to is told what is kept."""
    DELIVERY_PARKED = "delivery_parked"
    """The webhook ``object_id`` was tried as often as it may be, and did not arrive."""
    NO_ENDPOINT = "no_endpoint"
    """What the organisation ``object_id`` has to act on waits, for it has no address."""
    CHANNEL_UNSERVED = "channel_unserved"
    """What is to go by the channel ``object_id`` waits, and no sender has that channel."""
    CARRIER_RESTING = "carrier_resting"
    """The mail server or gateway of SMS ``object_id`` has failed for long, and is left to rest."""
    OWNER_ENDED = "owner_ended"
    """Whom the case ``object_id`` was handed to may own none any more: its area's owner has it."""
    NO_AUTHORITY = "no_authority"
    """Nobody was found who may decide the verification ``object_id``."""
    AUTHORITY_ENDED = "authority_ended"
    """Whoever is to decide the verification ``object_id`` may not any more."""
    DECISION_OVERDUE = "decision_overdue"
    """The verification ``object_id`` was to be decided before today."""
    NO_PROTECTOR = "no_protector"
    """Nobody protects where the case is, for which the protection ``object_id`` was asked."""
    PROTECTOR_ENDED = "protector_ended"
    """Whoever is to decide about the protection ``object_id``, or grants it, may not any more."""
    PROTECTION_OVERDUE = "protection_overdue"
    """About the protection ``object_id`` it was to be decided before now."""
    LEVEL_UNHELD = "level_unheld"
    """A period of ``object_id`` nears its end, and nobody holds the level it has come to."""
    URGENCY_LEFT = "urgency_left"
    """What cannot wait in the case ``object_id`` waits for over a day, or nobody owns it."""
    NOBODYS_TURN = "nobodys_turn"
    """In the case ``object_id`` nobody acts: what should have followed has not come."""
    ROLES_UNTOLD = "roles_untold"
    """There are cases, and no organisation is known to hold one of the roles in the facts."""
    RESULT_LOST = "result_lost"
    """The result of the call for ``object_id`` cannot be stored; the call is made again."""


OF_CASE_OWNERS = frozenset(
    {
        AlertKind.OWNER_ENDED,
        AlertKind.NO_AUTHORITY,
        AlertKind.AUTHORITY_ENDED,
        AlertKind.DECISION_OVERDUE,
        AlertKind.NO_PROTECTOR,
        AlertKind.PROTECTOR_ENDED,
        AlertKind.PROTECTION_OVERDUE,
        AlertKind.LEVEL_UNHELD,
    }
)
"""Kinds on which the owner of the case must act; an operator sees to all others."""

ABOUT_CASES = frozenset(
    {
        AlertKind.CASE_FORGOTTEN,
        AlertKind.CASE_WITHOUT_OWNER,
        AlertKind.OWNER_ENDED,
        AlertKind.URGENCY_LEFT,
        AlertKind.NOBODYS_TURN,
    }
)
"""Kinds whose object is a case. Of others the facts may name one."""


def must_act_on(kind: str) -> Role:
    """Who must act, an organisation with this role."""
    return Role.CASE_OWNER if kind in OF_CASE_OWNERS else Role.OPERATOR


def case_of(alert: Mapping[str, Any]) -> UUID | None:
    """The case that an alert, as it is kept, is about."""
    if alert["kind"] in ABOUT_CASES:
        found: UUID = alert["object_id"]
        return found
    return _named(alert, "case_id")


def organisation_of(alert: Mapping[str, Any]) -> UUID | None:
    """The organisation that an alert, as it is kept, speaks of."""
    return _named(alert, "organisation_id")


def _named(alert: Mapping[str, Any], fact: str) -> UUID | None:
    told = alert["facts"].get(fact)
    return UUID(told) if told else None


STEP = 500
"""Most alerts raised in one round."""

SHORTEST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(hours=1)

# An alert that was settled and is raised again starts from one. The rest doubles with every time,
# by the clock of the database, which also says when it is over.
_RAISE = text(
    """
    INSERT INTO operator_alerts AS kept (id, kind, subject, object_id, facts, times, raised_at,
                                         last_at, rests_until)
    SELECT id, :kind, :subject, object_id, facts, 1, :now, :now,
           now() + make_interval(secs => :shortest)
      FROM json_to_recordset(CAST(:rows AS json)) AS told(id uuid, object_id uuid, facts jsonb)
     ORDER BY object_id
        ON CONFLICT (kind, subject, object_id) DO UPDATE
        SET id = CASE WHEN kept.settled_at IS NULL THEN kept.id ELSE excluded.id END,
            facts = excluded.facts, last_at = excluded.last_at, settled_at = NULL,
            times = CASE WHEN kept.settled_at IS NULL THEN kept.times + 1 ELSE 1 END,
            raised_at = CASE WHEN kept.settled_at IS NULL THEN kept.raised_at
                             ELSE excluded.raised_at END,
            rests_until = now() + make_interval(secs => CASE
                WHEN kept.settled_at IS NULL
                THEN least(:shortest * power(2, least(kept.times, 20)), :longest)
                ELSE :shortest END)
    RETURNING id, object_id, times
    """,
)


@dataclass(frozen=True)
class Raised:
    """An alert that was raised, and what it is about."""

    id: UUID
    object_id: UUID


def raise_alert(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    object_id: UUID,
    now: datetime,
    **facts: Any,
) -> None:
    """Tell the operator once for each kind, subject and object; what goes on is counted.

    ``facts`` are codes, ids and counts, never a text that came from outside.
    """
    raise_alerts(session, kind, subject=subject, objects={object_id: facts}, now=now)


def raise_alerts(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    objects: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
) -> list[Raised]:
    """The same for many objects, each with its facts, in one statement.

    Returns those that were raised now, and were not open before.
    """
    rows = [
        {"id": new_id(), "object_id": object_id, "facts": facts}
        for object_id, facts in objects.items()
    ]
    found = session.execute(
        _RAISE,
        {
            "kind": kind,
            "subject": subject,
            "rows": document(rows),
            "now": now,
            "shortest": SHORTEST_REST.total_seconds(),
            "longest": LONGEST_REST.total_seconds(),
        },
    )
    raised = [Raised(row.id, row.object_id) for row in found if row.times == 1]
    if raised:
        logger().error("operator_alert", reason=kind, code=subject)
    return raised


# In the order in which they are raised.
@dataclass(frozen=True)
class Kept:
    """What became of the open alerts of a kind: which were raised, and how many are over."""

    raised: Sequence[Raised]
    settled: int

    @property
    def changes(self) -> int:
        """How many were raised or settled."""
        return len(self.raised) + self.settled


_SETTLE = text(
    """
    WITH open AS MATERIALIZED (
        SELECT id FROM operator_alerts
         WHERE kind = :kind AND subject = :subject AND object_id = ANY(:object_ids)
           AND settled_at IS NULL
         ORDER BY object_id FOR UPDATE
    )
    UPDATE operator_alerts SET settled_at = :now WHERE id IN (SELECT id FROM open)
    """,
).bindparams(bindparam("object_ids", type_=ARRAY(Uuid)))


def settle(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    object_ids: Collection[UUID],
    now: datetime,
) -> None:
    """Close the alerts whose cause is gone."""
    session.execute(
        _SETTLE,
        {"kind": kind, "subject": subject, "object_ids": list(object_ids), "now": now},
    )


def keep_open(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    found: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
) -> Kept:
    """Make the open alerts of a kind and subject those of what was found wrong now, with its facts.

    What is open already stays as it is, and what is wrong no longer is settled. Many at once are
    raised in steps, the rest with the next round.
    """
    known = set(session.scalars(_OPEN_OF, {"kind": kind, "subject": subject}))
    fresh = ((each, facts) for each, facts in found.items() if each not in known)
    new = dict(islice(fresh, STEP))
    over = known - found.keys()
    raised = raise_alerts(session, kind, subject=subject, objects=new, now=now) if new else []
    if over:
        settle(session, kind, subject=subject, object_ids=over, now=now)
    return Kept(raised, len(over))


_OPEN = text(
    "SELECT object_id FROM operator_alerts WHERE settled_at IS NULL AND kind = :kind",
)

_OPEN_OF = text(f"{_OPEN.text} AND subject = :subject")


def open_objects(session: Session, kind: AlertKind) -> Collection[UUID]:
    """What the open alerts of a kind are about."""
    return session.scalars(_OPEN, {"kind": kind}).all()


def open_objects_soon(session: Session, kind: AlertKind) -> Sequence[tuple[UUID]]:
    """The same as rows that are there once anything else was read."""
    return soon(session, _OPEN, {"kind": kind})


def list_open(
    session: Session,
    *,
    size: int,
    after: UUID | None = None,
    must_act: Role | None = None,
    among: ColumnElement[bool] | None = None,
    case_id: UUID | None = None,
) -> Sequence[RowMapping]:
    """Alerts whose cause is not gone, oldest first: of whoever must act, if one is named.

    ``among`` says more closely which, as a WHERE: what they are about is the service's to know.
    """
    query = (
        select(OPERATOR_ALERTS)
        .where(OPERATOR_ALERTS.c.settled_at.is_(None))
        .order_by(OPERATOR_ALERTS.c.id)
    )
    if after is not None:
        query = query.where(OPERATOR_ALERTS.c.id > after)
    if must_act is not None:
        is_theirs = OPERATOR_ALERTS.c.kind.in_(OF_CASE_OWNERS)
        query = query.where(is_theirs if must_act is Role.CASE_OWNER else ~is_theirs)
    if among is not None:
        query = query.where(among)
    if case_id is not None:
        query = query.where(_is_about(case_id))
    return session.execute(query.limit(size)).mappings().all()


def _is_about(case_id: UUID) -> ColumnElement[bool]:
    return or_(
        OPERATOR_ALERTS.c.facts["case_id"].astext == str(case_id),
        and_(
            OPERATOR_ALERTS.c.kind.in_(ABOUT_CASES),
            OPERATOR_ALERTS.c.object_id == case_id,
        ),
    )
