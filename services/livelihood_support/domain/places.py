"""Places in programmes: taken and given back under a lock, never more than there are."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.locks import lock_programmes
from services.livelihood_support.models import Programme
from services.livelihood_support.policy import Candidate, Exclusion, closed_by
from shared.access import Permission, visible
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Sex
from shared.kit.clock import local_date
from shared.kit.documents import document
from shared.kit.subjects import Subject
from shared.law import End, Rules
from shared.rulebook import rules_of

# An organisation is not locked: when it changes, so does the sum by which a search is repeated.
_READ = text(
    """
    SELECT programmes.*, coalesce(organisations.is_active, true) AS has_active_organisation,
           programmes.changes + coalesce(organisations.changes, 0) AS turns
      FROM programmes LEFT JOIN organisations ON organisations.id = programmes.organisation_id
     WHERE programmes.id = ANY(:ids)
     ORDER BY programmes.id
    """,
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))

# A ceiling only ever sinks here, so the CHECK on it stands guard over this very statement.
_WRITE = text(
    """
    UPDATE programmes
       SET held = held - released + taken,
           ceiling = least(ceiling, greatest(capacity, held - released + taken)),
           changes = changes + released,
           offers_made = offers_made + taken,
           offers_declined = offers_declined + declined
      FROM json_to_recordset(CAST(:rows AS json))
           AS asked(programme_id uuid, taken int, released int, declined int)
     WHERE programmes.id = asked.programme_id
       AND (taken = 0 OR held - released + taken <= capacity)
    """,
)


class PlaceGivenTwice(RuntimeError):
    """A place was about to be taken that is not there: the lock was not held. A fault."""


class Places:
    """The programmes this transaction may take places from, locked until it ends."""

    def __init__(self, candidates: Collection[Candidate], changes: dict[UUID, int]) -> None:
        self._candidates = {each.programme_id: each for each in candidates}
        self._changes = changes
        self._taken: Counter[UUID] = Counter()
        self._released: Counter[UUID] = Counter()
        self._declined: Counter[UUID] = Counter()
        self._by_code: defaultdict[EntitlementCode, list[UUID]] = defaultdict(list)
        for each in candidates:
            for code in each.codes:
                self._by_code[code].append(each.programme_id)

    def serving(self, code: EntitlementCode) -> list[Candidate]:
        """The programmes for a code, with the places this transaction has left in them."""
        return [self._candidates[programme_id] for programme_id in self._by_code[code]]

    def changes(self, code: EntitlementCode) -> int:
        """Differs whenever a search for this code might end differently than the last one."""
        return sum(self._changes[programme_id] for programme_id in self._by_code[code])

    def take(self, programme_id: UUID) -> None:
        """Hold a place."""
        self._taken[programme_id] += 1
        self._adjust(programme_id, held=1, made=1, declined=0)

    def give_back(self, programme_id: UUID) -> None:
        """Free a place that was used, or is no longer needed."""
        self._released[programme_id] += 1
        self._changes[programme_id] += 1
        self._adjust(programme_id, held=-1, made=0, declined=0)

    def give_back_declined(self, programme_id: UUID) -> None:
        """Free a place its organisation did not want to fill; it counts in later rankings."""
        self.give_back(programme_id)
        self._declined[programme_id] += 1
        self._adjust(programme_id, held=0, made=0, declined=1)

    def _adjust(self, programme_id: UUID, *, held: int, made: int, declined: int) -> None:
        known = self._candidates[programme_id]
        self._candidates[programme_id] = replace(
            known,
            held=known.held + held,
            offers_made=known.offers_made + made,
            offers_declined=known.offers_declined + declined,
        )

    def write(self, session: Session) -> None:
        """Store what was taken and given back, in one statement."""
        touched = self._taken.keys() | self._released.keys()
        if not touched:
            return
        rows = [
            {
                "programme_id": programme_id,
                "taken": self._taken[programme_id],
                "released": self._released[programme_id],
                "declined": self._declined[programme_id],
            }
            for programme_id in sorted(touched)
        ]
        result: Any = session.execute(_WRITE, {"rows": document(rows)})
        if result.rowcount != len(rows):
            raise PlaceGivenTwice


_SERVING = text("SELECT id FROM programmes WHERE codes && :codes").bindparams(
    bindparam("codes", type_=ARRAY(String))
)


def read_places(session: Session, code: EntitlementCode) -> Places:
    """The programmes for a code as they stand, without their locks: to show, and to take none."""
    return _places(session, session.scalars(_SERVING, {"codes": [code]}).all())


def lock_places(
    session: Session,
    *,
    codes: Collection[str],
    programme_ids: Collection[UUID] = (),
) -> Places:
    """Lock the programmes for these codes, and these ones, in the order of ids."""
    return _places(session, lock_programmes(session, codes, programme_ids))


def _places(session: Session, programme_ids: Collection[UUID]) -> Places:
    ids = {"ids": sorted(programme_ids)}
    rows = session.execute(_READ, ids).all() if programme_ids else []
    found = [_candidate(row, rules_of(session)) for row in rows]
    return Places(found, {row.id: row.turns for row in rows})


@dataclass(frozen=True)
class PlacesView:
    """How many places of a programme are held, and whether anybody can be referred to it now."""

    id: UUID
    capacity: int
    held: int
    free: int
    assured_until: End | None
    closed_by: Exclusion | None


def find_places(
    session: Session, *, subject: Subject, now: datetime, after: UUID | None, size: int
) -> list[PlacesView]:
    """The places in the programmes of the subject's own organisation, in the order of ids."""
    sight = visible(subject, Permission.PLACE_READ)
    query = (
        select(Programme.id)
        .where(sight.reaches(own=[Programme.organisation_id]))
        .order_by(Programme.id)
        .limit(size)
    )
    if after is not None:
        query = query.where(Programme.id > after)
    found = session.scalars(query).all()
    rows = session.execute(_READ, {"ids": sorted(found)}).all() if found else []
    return [_places_view(row, rules_of(session), now) for row in rows]


def _places_view(row: Any, rules: Rules, now: datetime) -> PlacesView:
    candidate = _candidate(row, rules)
    is_assured = candidate.is_assured and row.assured_at is not None
    return PlacesView(
        id=row.id,
        capacity=candidate.capacity,
        held=candidate.held,
        free=candidate.free,
        assured_until=periods.end_of_assurance(rules, local_date(row.assured_at))
        if is_assured
        else None,
        closed_by=closed_by(candidate, now),
    )


def _candidate(row: Any, rules: Rules) -> Candidate:
    return Candidate(
        programme_id=row.id,
        organisation_id=row.organisation_id,
        organisation_kind=OrganisationKind(row.organisation_kind),
        codes=frozenset(map(EntitlementCode, row.codes)),
        area_codes=frozenset(row.area_codes),
        languages=frozenset(row.languages),
        has_interpreter=row.has_interpreter,
        client_sexes=frozenset(map(Sex, row.client_sexes)),
        minimum_age=row.minimum_age,
        maximum_age=row.maximum_age,
        serves_children=row.serves_children,
        staff_sexes=frozenset(map(Sex, row.staff_sexes)),
        capacity=row.capacity,
        held=row.held,
        offers_made=row.offers_made,
        offers_declined=row.offers_declined,
        # Who answers for it is what makes it assured, not the day alone.
        is_assured=row.assured_by is not None,
        assured_until=row.assured_at and periods.assured_until(rules, local_date(row.assured_at)),
        changed_at=row.changed_at,
        is_active=row.is_active and row.has_active_organisation,
    )
