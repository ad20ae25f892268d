"""What must hold when the system is quiet, read from the databases of all services.

``balance`` counts messages at both ends:

I3  messages times destinations = handled + parked, nothing open
I4  per aggregate and sender, what was applied is 1..n without a gap

``breaches`` names the rows that break a rule of the field:

I1  no case is forgotten on its way; every referral is at an end, or waits with a live clock or
    under an open alert
I2  no effect twice: not a step, not a place, not a delivery (at the partner: its own ledger)
I5  every state change has exactly one audit entry
I8  what a client was answered with 201 is there, and nothing was made twice for one answer
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from shared.contracts import Queue

Urls = Callable[[str], str]
"""The psycopg address of a service's database."""


@dataclass(frozen=True)
class Balance:
    """The messages of the whole exchange."""

    told: int
    """Messages times destinations ever stored."""
    open: int
    """Outbox rows no receipt has closed."""
    taken: int
    """Messages taken over by their receivers."""
    handled: int
    """Of these: applied, or refused with a recorded reason."""
    held: int
    """Of these: waiting for their turn or their next try."""
    parked: int
    """Of these: waiting for a person."""
    twice: int
    """Messages whose receiver counted more of an aggregate than its sender told."""
    gaps: int
    """Aggregates whose applied messages are not 1..n."""
    resent: int
    """Sendings beyond the first."""

    @property
    def lost(self) -> int:
        """Messages closed by their sender and unknown to their receiver."""
        return max(self.told - self.open - self.taken, 0)

    @property
    def is_settled(self) -> bool:
        """Nothing is on its way."""
        return self.open == 0 and self.held == 0

    @property
    def is_sound(self) -> bool:
        """I3 and I4 hold: nothing lost, nothing twice, nothing out of order."""
        return self.is_settled and not (self.lost or self.twice or self.gaps)


def balance(urls: Urls, services: Iterable[Queue] = Queue) -> Balance:
    """Count every message at its sender and at its receiver."""
    sent: dict[tuple[str, str, Any], int] = {}
    seen: dict[tuple[str, str, Any], int] = {}
    totals = dict.fromkeys(("open", "taken", "handled", "held", "parked", "gaps", "resent"), 0)
    for service in services:
        with psycopg.connect(urls(service)) as connection:
            sent |= {
                (service, destination, aggregate): last
                for destination, aggregate, last in connection.execute(_SENT)
            }
            seen |= {
                (source, service, aggregate): count
                for source, aggregate, count in connection.execute(_SEEN)
            }
            for name, value in connection.execute(_TOTALS):
                totals[name] += int(value)
    twice = sum(max(count - sent.get(place, 0), 0) for place, count in seen.items())
    return Balance(told=sum(sent.values()), twice=twice, **totals)


_SENT = "SELECT destination, aggregate_id, last_sequence FROM outbox_sequences"
_SEEN = "SELECT source, aggregate_id, count(*) FROM inbox GROUP BY 1, 2"
_TOTALS = """
    SELECT 'open', count(*) FROM outbox
    UNION ALL SELECT 'taken', count(*) FROM inbox
    UNION ALL SELECT 'handled', count(*) FROM inbox WHERE state IN ('handled', 'refused')
    UNION ALL SELECT 'held', count(*) FROM held_messages h
               WHERE next_at IS NOT NULL OR NOT EXISTS (
                     SELECT FROM parked_messages p
                      WHERE p.replayed_at IS NULL
                        AND (p.source, p.aggregate_id) = (h.source, h.aggregate_id))
    UNION ALL SELECT 'parked', count(*) FROM parked_messages WHERE replayed_at IS NULL
    UNION ALL SELECT 'resent', coalesce(sum(resent), 0)::bigint FROM outbox_totals
    UNION ALL SELECT 'gaps', count(*) FROM (
        SELECT c.source, c.aggregate_id
          FROM inbox_cursors c
          LEFT JOIN inbox i ON (i.source, i.aggregate_id) = (c.source, c.aggregate_id)
                           AND i.state IN ('handled', 'refused')
         GROUP BY c.source, c.aggregate_id, c.last_sequence
        HAVING count(i.*) <> c.last_sequence
            OR coalesce(min(i.sequence), 1) <> 1
            OR coalesce(max(i.sequence), 0) <> c.last_sequence) AS broken
"""


@dataclass(frozen=True)
class Breach:
    """A rule that does not hold, and the rows that break it."""

    invariant: str
    rule: str
    rows: tuple[str, ...]


def breaches(urls: Urls) -> list[Breach]:
    """Every rule of the field that does not hold now; an empty list is what should be found."""
    found = [(rule, _ids(urls, rule.found) - _ids(urls, rule.except_for)) for rule in _RULES]
    return [Breach(rule.invariant, rule.says, tuple(sorted(ids))) for rule, ids in found if ids]


Ids = tuple[Queue, str]
"""A service, and a statement whose first column names rows."""


def _ids(urls: Urls, place: Ids | None) -> set[str]:
    if place is None:
        return set()
    service, statement = place
    with psycopg.connect(urls(service)) as connection:
        return {str(row[0]) for row in connection.execute(statement)}


@dataclass(frozen=True)
class _Rule:
    """What is found breaks the rule, unless another service knows of it."""

    invariant: str
    says: str
    found: Ids
    except_for: Ids | None = None


_CASES = (Queue.INTAKE, "SELECT id FROM cases")

_RULES = (
    _Rule(
        "I1",
        "every case received has a verification",
        _CASES,
        except_for=(Queue.VERIFICATION, "SELECT case_id FROM verifications"),
    ),
    _Rule(
        "I1",
        "every case received is known to livelihood support",
        _CASES,
        except_for=(Queue.LIVELIHOOD_SUPPORT, "SELECT case_id FROM case_files"),
    ),
    _Rule(
        "I1",
        "every conclusion of a verification arrived",
        (Queue.VERIFICATION, "SELECT case_id FROM verifications WHERE status = 'concluded'"),
        except_for=(
            Queue.LIVELIHOOD_SUPPORT,
            "SELECT case_id FROM case_files WHERE concluded_at IS NOT NULL",
        ),
    ),
    _Rule(
        "I1",
        "every offer is told to its organisation",
        (Queue.LIVELIHOOD_SUPPORT, "SELECT id FROM offers"),
        except_for=(Queue.NOTIFICATION, "SELECT offer_id FROM deliveries"),
    ),
    _Rule(
        "I1",
        "every identified person has a plan",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT case_id FROM case_files
         WHERE verification_outcome = 'identified'
           AND NOT EXISTS (SELECT FROM plans WHERE plans.case_id = case_files.case_id)
        """,
        ),
    ),
    _Rule(
        "I1",
        "every need asked for and granted has a referral",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT plan.case_id || ' ' || granted.code
          FROM plans AS plan
          JOIN case_files AS file USING (case_id)
          JOIN entitlements AS granted ON granted.plan_id = plan.id
         WHERE granted.decision = 'entitled' AND granted.code = ANY(file.requested_services)
           AND NOT EXISTS (SELECT FROM referrals
                            WHERE (referrals.plan_id, referrals.code) = (plan.id, granted.code))
        """,
        ),
    ),
    _Rule(
        "I1",
        "every referral is at an end, or has a live clock, or an open alert",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT id FROM referrals
         WHERE status NOT IN ('completed', 'failed', 'cancelled', 'entered_in_error')
           AND NOT EXISTS (SELECT FROM offers
                            WHERE offers.referral_id = referrals.id AND is_current
                              AND offers.status = 'offered' AND expires_at > now())
           AND NOT EXISTS (SELECT FROM alerts
                            WHERE alerts.referral_id = referrals.id AND settled_at IS NULL)
        """,
        ),
    ),
    _Rule(
        "I2",
        "no offer is made, accepted or completed twice",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT offer_id || ' ' || to_status FROM referral_moves
         WHERE from_status IS DISTINCT FROM to_status
           AND to_status IN ('requested', 'accepted', 'completed')
         GROUP BY offer_id, to_status HAVING count(*) > 1
        """,
        ),
    ),
    _Rule(
        "I2",
        "every place held belongs to one open offer",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT id FROM programmes
         WHERE held <> (SELECT count(*) FROM offers
                         WHERE offers.programme_id = programmes.id
                           AND offers.status IN ('offered', 'accepted'))
        """,
        ),
    ),
    _Rule(
        "I2",
        "no step of a journey is noted twice",
        (
            Queue.INTAKE,
            """
        SELECT source_id || ' ' || kind FROM journey_steps
         GROUP BY case_id, source_id, kind, status, at HAVING count(*) > 1
        """,
        ),
    ),
    _Rule(
        "I2",
        "no delivery succeeds twice, and none without a try that did",
        (
            Queue.NOTIFICATION,
            """
        SELECT deliveries.id
          FROM deliveries LEFT JOIN attempts ON delivery_id = deliveries.id
         GROUP BY deliveries.id
        HAVING count(*) FILTER (WHERE outcome = 'delivered') <> (state = 'delivered')::int
        """,
        ),
    ),
    _Rule(
        "I5",
        "every move of a referral has its audit entry",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT id FROM referral_moves
         WHERE 1 <> (SELECT count(*) FROM audit_entries AS entry
                      WHERE entry.object_id = referral_id
                        AND entry.facts ->> 'move_id' = referral_moves.id::text)
        """,
        ),
    ),
    _Rule(
        "I5",
        "every move of a verification has its audit entry",
        (
            Queue.VERIFICATION,
            """
        SELECT id FROM verification_moves
         WHERE 1 <> (SELECT count(*) FROM audit_entries AS entry
                      WHERE entry.object_id = verification_id
                        AND entry.action = 'verification.' || move
                        AND entry.facts ->> 'version' = version::text)
        """,
        ),
    ),
    _Rule(
        "I5",
        "every case received has its audit entry",
        (
            Queue.INTAKE,
            """
        SELECT id FROM cases
         WHERE 1 <> (SELECT count(*) FROM audit_entries
                      WHERE object_id = cases.id AND action = 'case.receive')
        """,
        ),
    ),
    _Rule(
        "I5",
        "every disclosure asked for has its audit entry",
        (
            Queue.INTAKE,
            """
        SELECT id FROM disclosures
         WHERE 1 <> (SELECT count(*) FROM audit_entries AS entry
                      WHERE entry.object_id = case_id AND entry.action = 'disclosure.request'
                        AND entry.facts ->> 'disclosure_id' = disclosures.id::text)
        """,
        ),
    ),
    _Rule(
        "I5",
        "every delivery that ended has its audit entry",
        (
            Queue.NOTIFICATION,
            """
        SELECT id FROM deliveries
         WHERE concluded_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM audit_entries
                            WHERE object_id = deliveries.id AND action = 'delivery.' || state)
        """,
        ),
    ),
    _Rule(
        "I8",
        "every case answered with 201 is there, and no two answers name one case",
        (
            Queue.INTAKE,
            """
        SELECT coalesce(cases.id::text, min(key))
          FROM (SELECT key, (body ->> 'id')::uuid AS id FROM idempotency_keys
                 WHERE status = 201 AND route = 'POST /intake/v1/cases') AS answered
          LEFT JOIN cases USING (id)
         GROUP BY cases.id HAVING cases.id IS NULL OR count(*) > 1
        """,
        ),
    ),
    _Rule(
        "I8",
        "no case is there without its answer, as long as answers are kept",
        (
            Queue.INTAKE,
            """
        SELECT id FROM cases
         WHERE received_at > now() - interval '29 days'
           AND NOT EXISTS (SELECT FROM idempotency_keys
                            WHERE status = 201 AND body ->> 'id' = cases.id::text)
        """,
        ),
    ),
    _Rule(
        "I8",
        "every move of a referral answered with 201 is there",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
        SELECT key FROM idempotency_keys
         WHERE status = 201 AND route LIKE 'POST %/referrals/%/moves'
           AND NOT EXISTS (SELECT FROM referral_moves WHERE id::text = body ->> 'id')
        """,
        ),
    ),
)
