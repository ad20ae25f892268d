"""I1 for people: every open case has its sentences, who must act, since when and why.

They are derived from the rows of intake, verification and livelihood support, never typed by a
person; a verification, a referral and a purge has exactly one each while it is open. Ids and codes
only. Where nothing is open, the case is the case owner's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from deploy.stack.invariants.reading import Urls, connect
from deploy.stack.invariants.rule import Breach
from shared.contracts import Queue
from shared.kit.clock import local_date, utc_now
from shared.places.holders import Place, Tenure, owner_of


class Who(StrEnum):
    """Who must act."""

    CASE_OWNER = "case_owner"
    VERIFIER = "verifier"
    ORGANISATION = "organisation"
    """The organisation that was asked, or that has accepted."""
    SYSTEM = "system"
    """Nobody: a message is on its way. Between services it arrives within minutes; an offer to an
    organisation has a period for it."""


class Why(StrEnum):
    """Why it is somebody's turn."""

    JUST_RECEIVED = "just_received"
    JUST_CONCLUDED = "just_concluded"

    VERIFICATION_OPENED = "verification_opened"
    """No authority was found: the case owner finds one."""
    VERIFICATION_ASSIGNED = "verification_assigned"
    VERIFICATION_IN_PROGRESS = "verification_in_progress"
    AUTHORITY_ENDED = "authority_ended"
    """Whoever is to decide may not any more: the case owner gives it to another."""
    VERIFICATION_PAUSED = "verification_paused"
    VERIFICATION_EXTENDED = "verification_extended"

    IMMEDIATE_NEEDS = "immediate_needs"
    """What cannot wait: whoever owns the case says how it was seen to, beside all else."""

    NEEDS_INFORMATION = "needs_information"
    WINDOW_CLOSING = "window_closing"
    """The day until which something can be applied for comes near."""
    OFFER_ON_ITS_WAY = "offer_on_its_way"
    """Neither delivered nor seen: until its period ends the exchange tries."""
    OFFER_UNANSWERED = "offer_unanswered"
    """Whoever has it answers. Where its time is over, or there is none, the case owner asks why."""
    OFFER_UNREACHED = "offer_unreached"
    """The organisation asked may not know of it: somebody telephones."""
    SERVICE_FAILED = "service_failed"
    """Whoever had accepted could not go on: the case owner learns why, and tells the person."""
    OFFER_UNDELIVERED = "offer_undelivered"
    """An earlier offer never arrived, and its organisation has to be asked why."""
    NO_PROGRAMME = "no_programme"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_IN_PROGRESS = "referral_in_progress"
    REFERRAL_ON_HOLD = "referral_on_hold"
    NO_LONGER_GRANTED = "no_longer_granted"
    """A told fact speaks against it: the case owner and the person decide whether it goes on."""
    NO_LONGER_IDENTIFIED = "no_longer_identified"
    """The verification ended otherwise since: the case owner and the person decide."""
    AGE_OUTSIDE = "age_outside"
    """The programme is not for the person's age: the case owner and the person decide."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """From whoever serves: the case owner and the person decide whether it goes on."""
    PURGE_OWED = "purge_owed"
    PURGE_OVERDUE = "purge_overdue"
    """Its notice did not arrive, or nobody confirmed it in time: the case owner asks."""

    NOT_IDENTIFIED = "not_identified"
    """The case owner tells the person of the complaint, and has it opened again on new evidence."""
    WITHDRAWN = "withdrawn"
    """The case owner makes sure of it, and has it opened again if the person wants that."""
    NOTHING_LEFT = "nothing_left"
    """Identified, and nothing is sought or served: the case owner adds a need, or tells the fact
    by which one is granted. Following up and closing are not built."""


@dataclass(frozen=True)
class Turn:
    """One sentence: who must act, since when, why, and on what."""

    case_id: str
    subject: str
    """The verification, referral, offer, alert or case it is about."""
    who: Who
    organisation_id: str | None
    since: datetime
    why: Why


@dataclass(frozen=True)
class Case:
    """A case as intake, and the verification that ended, know it."""

    case_id: str
    since: datetime
    """When it was received, its verification concluded, or the last under its plan ended."""
    is_fresh: bool
    """That happened so short a time ago that what follows may be on its way."""
    outcome: str | None
    has_plan: bool
    has_authority: bool = False
    """Some authority made the decision, and it can go back there."""


@dataclass(frozen=True)
class Standing:
    """Whose turn it is, and where that cannot be said."""

    turns: tuple[Turn, ...]
    forgotten: tuple[str, ...]
    """Cases nobody has to act on."""
    unclear: tuple[str, ...]
    """Open verifications, referrals and purges with no sentence, or with several."""
    stuck: tuple[str, ...] = ()
    """Cases decided against the person that cannot be opened again."""
    unowned: tuple[str, ...] = ()
    """Cases in which something cannot wait, and that nobody owns."""


def breaches(urls: Urls, soon: float) -> list[Breach]:
    """Cases without anybody who must act, and subjects on which not exactly one has to act."""
    found = standing(urls, soon)
    told = (
        (FORGOTTEN, found.forgotten),
        (UNCLEAR, found.unclear),
        (STUCK, found.stuck),
        (UNOWNED, found.unowned),
    )
    return [Breach("I1", says, rows) for says, rows in told if rows]


FORGOTTEN = "every case has somebody who must act, since when and why"
UNCLEAR = "every open verification, referral and purge has exactly one who must act"
STUCK = "every negative or withdrawn verification has an authority to go back to"
UNOWNED = "everything that cannot wait has an owner of its case"


def standing(urls: Urls, soon: float) -> Standing:
    """Derive all sentences. What is younger than ``soon`` seconds may be on its way.

    Services are read in the order in which what happens travels, so that what one tells of and the
    next does not know is on its way, or lost.
    """
    asked = {"soon": soon}
    received, urgent, owners = _read(urls, Queue.INTAKE, asked, _CASES, URGENT, OWNERS)
    verifying, concluded = _read(urls, Queue.VERIFICATION, asked, VERIFYING, CONCLUDED)
    supporting, opened, plans = _read(
        urls, Queue.LIVELIHOOD_SUPPORT, asked, SUPPORTING, OPEN, PLANS
    )
    ended = {row[0]: row for row in concluded}
    planned = {row[0]: row for row in plans}
    cases = [
        Case(
            case_id,
            since=_latest(since, ended.get(case_id), planned.get(case_id)),
            is_fresh=ended[case_id][2] if case_id in ended else is_fresh,
            outcome=ended[case_id][3] if case_id in ended else None,
            has_plan=case_id in planned,
            has_authority=case_id in ended and ended[case_id][4],
        )
        for case_id, since, is_fresh in received
    ]
    subjects = {row[1] for row in verifying} | {row[0] for row in opened}
    told = [*sentences([*verifying, *supporting]), *duties(urgent, owners)]
    return conclude(cases, told, subjects)


def _latest(received: datetime, *rows: Sequence[Any] | None) -> datetime:
    """When the last of these happened; the second column of each row says when."""
    since: list[datetime] = [row[1] for row in rows if row is not None]
    return max([received, *since])


def sentences(rows: Iterable[Sequence[Any]]) -> list[Turn]:
    """Rows of ``VERIFYING`` and ``SUPPORTING``; without who must act a row is no sentence."""
    return [
        Turn(case_id, subject, Who(who), organisation_id, since, Why(why))
        for case_id, subject, who, organisation_id, since, why in rows
        if who is not None
    ]


def duties(rows: Iterable[Sequence[Any]], owners: Iterable[Sequence[Any]]) -> list[Turn]:
    """Rows of ``URGENT`` and ``OWNERS``: what cannot wait, with whoever owns the case today."""
    owning, today = [Tenure(*row) for row in owners], local_date(utc_now())

    def owner(area_code: str, area_on: date, handed_to: UUID | None) -> UUID | None:
        return owner_of(owning, Place(area_code, area_on), handed_to=handed_to, on=today)

    return [
        Turn(case_id, case_id, Who.CASE_OWNER, _known(owner(*facts)), since, Why.IMMEDIATE_NEEDS)
        for case_id, since, *facts in rows
    ]


def _known(organisation_id: UUID | None) -> str | None:
    return None if organisation_id is None else str(organisation_id)


def conclude(cases: Iterable[Case], turns: Sequence[Turn], subjects: Iterable[str]) -> Standing:
    """Add the sentences of cases on which nothing is open, and say what has none."""
    # What cannot wait is a duty beside all else, and says not that anybody works on the case.
    urgent = [turn for turn in turns if turn.why is Why.IMMEDIATE_NEEDS]
    of_cases = {turn.case_id for turn in turns if turn.why is not Why.IMMEDIATE_NEEDS}
    cases = list(cases)
    others = [(case, _otherwise(case)) for case in cases if case.case_id not in of_cases]
    reopened = [case for case in cases if case.outcome in REOPENED and not case.has_authority]
    counted = Counter(turn.subject for turn in turns)
    unclear = {it for it in subjects if counted[it] != 1} | {
        it for it, count in counted.items() if count > 1
    }
    return Standing(
        turns=(*turns, *(turn for _, turn in others if turn)),
        forgotten=tuple(sorted(case.case_id for case, turn in others if not turn)),
        unclear=tuple(sorted(unclear)),
        stuck=tuple(sorted(case.case_id for case in reopened)),
        unowned=tuple(sorted(turn.case_id for turn in urgent if turn.organisation_id is None)),
    )


REOPENED = (Why.NOT_IDENTIFIED, Why.WITHDRAWN)
"""Outcomes after which a verification may be opened again, as the service's policy says."""


def _otherwise(case: Case) -> Turn | None:
    """The sentence of a case without an open verification, referral, purge or alert."""

    def turn(who: Who, why: Why) -> Turn:
        return Turn(case.case_id, case.case_id, who, None, case.since, why)

    if case.outcome == "identified" and case.has_plan:
        return turn(Who.CASE_OWNER, Why.NOTHING_LEFT)
    if case.outcome in REOPENED:
        return turn(Who.CASE_OWNER, Why(case.outcome))
    if case.is_fresh:
        return turn(Who.SYSTEM, Why.JUST_CONCLUDED if case.outcome else Why.JUST_RECEIVED)
    return None


def _read(
    urls: Urls, service: Queue, asked: Mapping[str, float], *statements: str
) -> list[list[tuple[Any, ...]]]:
    with connect(urls(service)) as connection:
        return [connection.execute(each, asked).fetchall() for each in statements]


_CASES = """
    SELECT id::text, registered_at, registered_at > now() - make_interval(secs => %(soon)s)
      FROM cases
"""

URGENT = """
    SELECT id::text, urgent_since, coalesce(present_unit_code, origin_unit_code),
           coalesce(present_unit_on, origin_unit_on), responsible_id
      FROM cases
     WHERE urgent_since IS NOT NULL AND urgency_settled_at IS NULL
       AND registered_at <= now() - make_interval(secs => %(soon)s)
"""
"""What cannot wait, but for what was told a moment ago."""

OWNERS = """
    SELECT organisation_id, organisation_code, area_code, valid_from, valid_to
      FROM held_roles WHERE role = 'case_owner'
"""
"""Who owns cases where and when, as intake was told."""

VERIFYING = """
    WITH ended AS (
        SELECT object_id, raised_at FROM operator_alerts
         WHERE kind = 'authority_ended' AND settled_at IS NULL
    )
    SELECT case_id::text, id::text,
           CASE WHEN status = 'opened' OR ended.object_id IS NOT NULL THEN 'case_owner'
                WHEN verifier_id IS NOT NULL THEN 'verifier' END,
           CASE WHEN ended.object_id IS NULL THEN verifier_id::text END,
           coalesce(ended.raised_at,
                    (SELECT max(at) FROM verification_moves AS moves
                      WHERE moves.verification_id = verifications.id), opened_at),
           CASE WHEN ended.object_id IS NULL THEN 'verification_' || status
                ELSE 'authority_ended' END
      FROM verifications LEFT JOIN ended ON ended.object_id = verifications.id
     WHERE status <> 'concluded'
"""
"""Verifications that are open."""

CONCLUDED = """
    SELECT case_id::text, concluded_at,
           concluded_at > now() - make_interval(secs => %(soon)s), outcome,
           verifier_id IS NOT NULL
      FROM verifications WHERE status = 'concluded'
"""

# An alert says that the case owner must act, in the place of whoever would act without it.
SUPPORTING = """
    WITH alerted AS (
        SELECT case_id, referral_id, id, raised_at, facts ->> 'offer_id' AS offer_id,
               CASE WHEN kind IN ('delivery_parked', 'no_endpoint') THEN 'offer_unreached'
                    WHEN kind IN ('purge_undelivered', 'purge_unconfirmed') THEN 'purge_overdue'
                    ELSE kind END AS why
          FROM alerts WHERE settled_at IS NULL
    ), deciding AS (
        SELECT DISTINCT ON (referral_id) case_id, referral_id, raised_at, why
          FROM alerted JOIN (VALUES (1, 'consent_withdrawn'), (2, 'no_longer_identified'),
                                    (3, 'no_longer_granted'), (4, 'age_outside'),
                                    (5, 'no_programme'),
                                    (6, 'offer_unreached')) AS first (place, why) USING (why)
         ORDER BY referral_id, place, raised_at
    ), owing AS (
        SELECT case_id, referral_id, offers.id, organisation_id, purge_asked_at
          FROM offers JOIN referrals ON referrals.id = referral_id
         WHERE purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL
    )
    SELECT case_id::text, id::text, 'case_owner', NULL, raised_at, why
      FROM alerted WHERE why IN ('needs_information', 'window_closing',
                                       'offer_undelivered', 'offer_unanswered',
                                       'service_failed')
    UNION ALL
    SELECT case_id::text, referral_id::text, 'case_owner', NULL, raised_at, why FROM deciding
    UNION ALL
    SELECT case_id::text, referral_id::text, 'system', NULL, offered_at, 'offer_on_its_way'
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'offered'
       AND delivered_at IS NULL AND seen_at IS NULL
       AND (delivery_due_at IS NULL
            OR delivery_due_at > now() - make_interval(secs => %(soon)s))
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('offer_unreached', 'age_outside',
                                                         'no_longer_granted',
                                                         'no_longer_identified'))
    UNION ALL
    SELECT case_id::text, referral_id::text, 'organisation', organisation_id::text,
           least(delivered_at, seen_at), 'offer_unanswered'
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'offered'
       AND (delivered_at IS NOT NULL OR seen_at IS NOT NULL)
       AND (expires_at IS NULL OR expires_at > now() - make_interval(secs => %(soon)s))
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('offer_unreached', 'age_outside',
                                                         'no_longer_granted',
                                                         'no_longer_identified'))
    UNION ALL
    SELECT case_id::text, referral_id::text, 'organisation', organisation_id::text, moved_at,
           'referral_' || referrals.status
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'accepted'
       AND referrals.status IN ('accepted', 'in_progress', 'on_hold')
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('consent_withdrawn', 'age_outside',
                                                         'no_longer_granted',
                                                         'no_longer_identified'))
    UNION ALL
    SELECT case_id::text, id::text, 'organisation', organisation_id::text, purge_asked_at,
           'purge_owed'
      FROM owing
     WHERE NOT EXISTS (SELECT FROM alerted WHERE alerted.offer_id = owing.id::text
                                             AND why = 'purge_overdue')
    UNION ALL
    SELECT owing.case_id::text, owing.id::text, 'case_owner', NULL, min(raised_at), 'purge_overdue'
      FROM owing JOIN alerted ON alerted.offer_id = owing.id::text WHERE why = 'purge_overdue'
     GROUP BY owing.case_id, owing.id
"""
"""Whose turn it is in livelihood support."""

OPEN = """
    SELECT id::text FROM referrals
     WHERE status NOT IN ('completed', 'failed', 'cancelled', 'entered_in_error')
    UNION ALL
    SELECT id::text FROM offers WHERE purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL
"""
"""Referrals that have not ended, and offers whose organisation owes a purge."""

PLANS = """
    SELECT case_id::text,
           greatest(opened_at,
                    (SELECT max(moved_at) FROM referrals WHERE case_id = plans.case_id),
                    (SELECT max(purge_confirmed_at)
                       FROM offers JOIN referrals ON referrals.id = referral_id
                      WHERE case_id = plans.case_id),
                    (SELECT max(settled_at) FROM alerts WHERE case_id = plans.case_id))
      FROM plans
"""
"""Plans, and when the last that happened under each ended: a referral, a purge or an alert."""
