"""Ten years of what was finished make nothing look at more than there is to do now (I9).

Records with legal weight are never deleted, so their tables grow. What is asked of them again and
again must not grow with them: it counts the rows it reads, whoever has them in memory. How the
tables of messaging stay as they are is proven in ``tests/messaging/test_retention.py``.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from services.directory import domain as directory
from services.intake import domain as intake
from services.livelihood_support import domain as livelihood_support
from services.notification import domain as notification
from services.verification import domain as verification
from shared.clocks import follow
from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.retention import Pruned, is_over, prune
from shared.messaging.sweeps import Run
from tests.architecture.source import ROOT

MANY = 12_000
"""Finished cases: a hundred in a month."""
FEW = 60
"""Rows that a look for work may read, beside the organisations and programmes there are."""

TIMES = f"""
    SELECT n, now() - interval '3650 days' * n / {MANY} AS at, md5('a' || n)::uuid AS a,
           md5('b' || n)::uuid AS b, md5('c' || n)::uuid AS c, md5('o' || n % 20)::uuid AS org,
           md5('p' || n % 20)::uuid AS programme
      FROM generate_series(1, {MANY}) AS n
"""  # noqa: S608 - made of our own words only

SUPPORTED = (
    """
    INSERT INTO programmes (id, organisation_id, organisation_kind, codes, area_codes, languages,
                            capacity, ceiling, assured_at, changed_at, is_active)
    SELECT DISTINCT programme, org, 'vocational_school', ARRAY['VOCATIONAL'], ARRAY['31'],
           ARRAY['vi'], 10, 10, now(), now(), true FROM times
    """,
    """
    INSERT INTO case_files (case_id, route, receiver_id, receiver_kind, area_code, age_band, sex,
                            citizenship, languages, requested_services, received_at,
                            verification_outcome, verification_regime, concluded_at)
    SELECT a, 'SELF_REPORT', org, 'commune_committee', '31', 'adult', 'female', 'vietnamese',
           ARRAY['vi'], ARRAY['VOCATIONAL'], at, 'identified', '2024', at FROM times
    """,
    """
    INSERT INTO plans (id, case_id, regime, category, opened_at, answers_id)
    SELECT b, a, '2024', 'VICTIM_RESIDENT', at, md5('d')::uuid FROM times
    """,
    """
    INSERT INTO needs (id, case_id, code, asked_by, asked_at, ended_at)
    SELECT c, a, 'VOCATIONAL', 'client', at, at FROM times
    """,
    """
    INSERT INTO referrals (id, case_id, plan_id, need_id, code, status, outcome, version, opened_at,
                           moved_at)
    SELECT c, a, b, c, 'VOCATIONAL', 'completed', 'provided', 4, at, at FROM times
    """,
    """
    INSERT INTO offers (id, referral_id, programme_id, organisation_id, organisation_kind, status,
                        is_current, points, offered_at, delivery_due_at, accepted_at, ended_at,
                        confirmed_at, purge_asked_at, purge_confirmed_at)
    SELECT c, c, programme, org, 'vocational_school', 'completed', true, '{}', at, at, at, at,
           at, at, at FROM times
    """,
    """
    INSERT INTO alerts (id, case_id, referral_id, code, kind, facts, raised_at, told_at, settled_at)
    SELECT c, a, c, 'VOCATIONAL', 'purge_unconfirmed', '{}', at, at, at FROM times
    """,
    """
    INSERT INTO read_notices (cause_id, offer_id, read_at) SELECT c, c, at FROM times
    """,
)

RECEIVED = (
    """
    INSERT INTO persons (id, wrapped_key, master_version, identity)
    SELECT a, 'key', 1, 'sealed' FROM times
    """,
    """
    INSERT INTO cases (id, code, person_id, route, receiver_id, receiver_kind, received_at,
                       registered_at, status, age_band, sex, citizenship, present_unit_code,
                       present_unit_on, languages, needs_interpreter, requested_services, warnings,
                       version)
    SELECT b, 'HP-' || n, a, 'SELF_REPORT', org, 'commune_committee', at, at, 'in_support',
           'adult', 'female', 'vietnamese', '11411', at::date, ARRAY['vi'], false, '{}', '{}', 3
      FROM times
    """,
)

BEGUN = (
    """
    INSERT INTO drafts (id, organisation_id, owner, wrapped_key, master_version, content, sections,
                        begun_at, changed_at, version)
    SELECT a, org, 'client:x', 'key', 1, 'sealed', '{}', at, at, 1 FROM times
    """,
    """
    INSERT INTO search_counts (subject, begun_at, times) SELECT 'staff:' || a, at, 1 FROM times
    """,
)

HELD = """
    INSERT INTO held_roles (organisation_id, role, area_code, valid_from, organisation_code)
    SELECT gen_random_uuid(), role, '31', '2020-02-12', role
      FROM unnest(ARRAY['case_owner', 'facility', 'protector']) AS held (role)
     WHERE EXISTS (SELECT FROM times)
"""

VERIFIED = (
    """
    INSERT INTO verifications (id, case_id, route, receiver_id, area_code, area_told_on, age_band,
                               regime, status, outcome, grounds, verifier_id, received_at,
                               opened_at, concluded_at, identified_on, version)
    SELECT a, b, 'SELF_REPORT', org, '31', at::date, 'adult', '2024', 'concluded', 'identified',
           '{}', org, at, at, at, at::date, 3 FROM times
    """,
)

PROTECTED = (
    *VERIFIED,
    """
    INSERT INTO protections (id, verification_id, case_id, for_whom, requester_id, requested_at,
                             asked, status, measures, reason, paper_number, paper_on, protector_id,
                             decided_at, version)
    SELECT c, a, b, 'person', org, at, ARRAY['guarding'], 'refused', '{}',
           'danger_not_established', n || '/QĐ', at::date, org, at, 2 FROM times
    """,
)

NOTIFIED = (
    """
    INSERT INTO endpoints (endpoint_id, organisation_id, url, status, secret_version, secret_since,
                           changed_at)
    SELECT DISTINCT programme, org, 'https://x.example/', 'active', 1, now(), now() FROM times
    """,
    """
    INSERT INTO deliveries (id, effect_key, organisation_id, case_id, type, body, state, attempts,
                            next_at, created_at, concluded_at)
    SELECT a, a, org, b, 'vn.nhipcau.referral.moved.v1', '{}',
           CASE WHEN n % 50 = 0 THEN 'parked' ELSE 'delivered' END, 2, at, at, at FROM times
    """,
    """
    INSERT INTO attempts (delivery_id, number, started_at, ended_at, outcome)
    SELECT a, number, at, at, 'delivered' FROM times, generate_series(1, 2) AS number
    """,
    """
    INSERT INTO notice_readings (delivery_id, reader, read_at)
    SELECT a, 'staff:' || reader, at FROM times, generate_series(1, 2) AS reader
    """,
    """
    INSERT INTO recordings (id, delivery_id, number, organisation_id, type, channel, headers,
                            content, outcome, report, reported_at, recorded_at)
    SELECT b, a, 1, org, 'vn.nhipcau.referral.moved.v1', 'sms', '{}', 'x', 'sent', 'delivered', at,
           at FROM times
    """,
    """
    INSERT INTO personal_mails (id, effect_key, kind, recipient_id, state, attempts, next_at,
                                created_at, concluded_at)
    SELECT a, 'digest:' || a, 'digest', org, 'sent', 1, at, at, at FROM times
    """,
    """
    INSERT INTO personal_mail_items (recipient_id, item, mail_id, told_at)
    SELECT org, 'notice:' || a || reader, b, at FROM times, generate_series(1, 2) AS reader
    """,
    """
    INSERT INTO carrier_minutes (channel, carrier, minute, calls, failures)
    SELECT 'sms', carrier, at, 3, 1 FROM times, unnest(ARRAY['main', 'second']) AS carrier
    """,
)

CLOCKED = (
    """
    INSERT INTO clocks (id, subject, object_id, case_id, key, regime, fact, fact_id, started_at,
                        pauses, due_at, warned_at, breached_at, ended_at)
    SELECT a, 'verification', b, c, 'verification.normal', '2011', 'verification.requested', b, at,
           '[]', at, at, at, at FROM times
    """,
)

ASSERTED = (
    """
    INSERT INTO organisations (id, code, name_vi, name_en, kind, is_active, certainty, version,
                               changed_at)
    SELECT md5('o')::uuid, 'o', 'o', 'o', 'police', true, 'confirmed', 1, now()
    """,
    """
    INSERT INTO clients (client_id, organisation_id, public_jwk, is_active, version, registered_at,
                         changed_at)
    SELECT 'client', md5('o')::uuid, '{}', true, 1, now(), now()
    """,
    """
    INSERT INTO client_assertions (client_id, jti, expires_at)
    SELECT 'client', a::text, at FROM times
    """,
    """
    INSERT INTO staff (id, organisation_id, log_in_digest, identity, is_active, version,
                       registered_at, changed_at)
    SELECT md5('s')::uuid, md5('o')::uuid, 's', 's', true, 1, now(), now()
    """,
    """
    INSERT INTO staff_sessions (id, staff_id, token_digest, means, device, begun_at, used_at)
    SELECT a, md5('s')::uuid, decode(md5('t' || n), 'hex'), '{pwd}', 'computer', at, at FROM times
    """,
    """
    INSERT INTO staff_devices (token_digest, staff_id, used_at)
    SELECT decode(md5('t' || n), 'hex'), md5('s')::uuid, at FROM times
    """,
    """
    INSERT INTO log_in_failures (key_digest, times, last_at)
    SELECT decode(md5('k' || n), 'hex'), 1, at FROM times
    """,
)


def watch_carriers(session: Session, now: datetime) -> int:
    return notification.watch_carriers(session, now, rested_seconds=900.0)


def claimed(session: Session, now: datetime) -> int:
    return len(
        notification.claim_deliveries(
            session,
            most=64,
            per_endpoint=8,
            lease_seconds=60,
            channels=tuple(ChannelKind),
            now=now,
        )
    )


WORK: list[tuple[Queue, tuple[str, ...], Run]] = [
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.expire_offers),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.pass_on_undelivered),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.retry_unplaced),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.watch_windows),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.alert_owed_purges),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.alert_unanswered),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.alert_unread),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.follow_rules),
    (Queue.LIVELIHOOD_SUPPORT, (*SUPPORTED, *CLOCKED), livelihood_support.watch_clocks),
    (Queue.LIVELIHOOD_SUPPORT, CLOCKED, livelihood_support.WATCHING.recount),
    (Queue.LIVELIHOOD_SUPPORT, CLOCKED, follow),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.alert_unstarted),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.begin_presumed),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.mend_needs),
    (Queue.LIVELIHOOD_SUPPORT, SUPPORTED, livelihood_support.tell_alerts),
    (Queue.INTAKE, RECEIVED, intake.advance_age_bands),
    (Queue.INTAKE, (*RECEIVED, HELD), intake.watch_duties),
    (Queue.INTAKE, (*RECEIVED, *CLOCKED), intake.watch_clocks),
    (Queue.INTAKE, CLOCKED, intake.WATCHING.recount),
    (Queue.INTAKE, CLOCKED, follow),
    (Queue.VERIFICATION, VERIFIED, verification.assign_waiting),
    (Queue.VERIFICATION, PROTECTED, verification.find_protectors),
    (Queue.VERIFICATION, VERIFIED, verification.watch_standstills),
    (Queue.VERIFICATION, PROTECTED, verification.watch_protections),
    (Queue.VERIFICATION, CLOCKED, verification.WATCHING.watch),
    (Queue.VERIFICATION, CLOCKED, verification.WATCHING.recount),
    (Queue.VERIFICATION, CLOCKED, follow),
    (Queue.NOTIFICATION, NOTIFIED, notification.release_deliveries),
    (Queue.NOTIFICATION, NOTIFIED, notification.watch_unreached),
    (Queue.NOTIFICATION, NOTIFIED, notification.watch_channels),
    (Queue.NOTIFICATION, NOTIFIED, watch_carriers),
    (Queue.NOTIFICATION, NOTIFIED, notification.strand_deliveries),
    (Queue.NOTIFICATION, NOTIFIED, notification.park_unanswered),
    (Queue.NOTIFICATION, NOTIFIED, notification.tell_owners),
    (Queue.NOTIFICATION, NOTIFIED, notification.report_recorded),
    (Queue.NOTIFICATION, NOTIFIED, claimed),
]


@pytest.fixture
def filled(engine_of: Callable[[str], Engine]) -> Iterator[Callable[..., Session]]:
    """A session on a service's database after ten years; nothing of it stays."""
    opened: list[Session] = []

    def fill(service: Queue, statements: tuple[str, ...]) -> Session:
        session = Session(engine_of(service))
        opened.append(session)
        for statement in statements:
            session.execute(text(f"WITH times AS ({TIMES}) {statement}"))
        session.execute(text("ANALYZE"))
        return session

    yield fill
    for session in opened:
        session.rollback()
        session.close()


READ = text(
    """
    SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS read
      FROM pg_stat_xact_user_tables
    """
)
"""Rows of each table that this transaction has looked at."""


def rows_read(session: Session, act: Callable[[], object]) -> dict[str, int]:
    """How many rows of each table something looks at."""
    before = {row.relname: row.read for row in session.execute(READ)}
    act()
    session.flush()
    after = {row.relname: row.read for row in session.execute(READ)}
    return {table: read - before[table] for table, read in after.items() if read > before[table]}


@pytest.mark.parametrize(
    ("service", "finished", "look"), WORK, ids=[run.__name__ for _, _, run in WORK]
)
def test_a_look_for_work_reads_what_is_to_be_done_and_not_what_was(
    filled: Callable[..., Session], service: Queue, finished: tuple[str, ...], look: Run
) -> None:
    session = filled(service, finished)
    found: list[int] = []
    read = rows_read(session, lambda: found.append(look(session, utc_now())))
    assert found == [0]
    assert sum(read.values()) <= FEW, read


PRUNED: list[tuple[Queue, tuple[str, ...], Pruned]] = [
    (service, finished, rule)
    for service, finished, rules in (
        (Queue.NOTIFICATION, NOTIFIED, notification.RETENTION),
        (Queue.DIRECTORY, ASSERTED, directory.RETENTION),
        (Queue.INTAKE, BEGUN, intake.RETENTION),
    )
    for rule in rules
    if isinstance(rule, Pruned)
]


@pytest.mark.parametrize(
    ("service", "finished", "rule"), PRUNED, ids=[rule.table for _, _, rule in PRUNED]
)
def test_what_is_over_leaves_in_bounded_steps_until_a_look_for_it_finds_nothing(
    filled: Callable[..., Session], service: Queue, finished: tuple[str, ...], rule: Pruned
) -> None:
    session = filled(service, finished)
    steps = [prune(session, rule, most=1000)]
    while steps[-1]:
        steps.append(prune(session, rule, most=1000))
    assert len(steps) > MANY / 1000
    assert max(steps) == 1000
    over = text(f"SELECT count(*) FROM {rule.table} WHERE {is_over(rule)}")  # noqa: S608
    assert session.scalar(over, {"after": rule.after}) == 0
    session.execute(text("ANALYZE"))  # as the server does by itself after so many changes
    read = rows_read(session, lambda: prune(session, rule))
    assert sum(read.values()) <= FEW, read


def test_every_sweep_and_every_pruned_table_of_a_service_is_looked_at_here() -> None:
    """What is pruned in every service is in ``tests/messaging/test_retention.py``."""
    own = {
        (service, rule.table)
        for service in Queue
        for rule in import_module(f"services.{service}.domain").RETENTION
        if isinstance(rule, Pruned)
    }
    assert own == {(service, rule.table) for service, _, rule in PRUNED}
    swept = {
        name
        for service in Queue
        for name in re.findall(
            r"Sweep\([^,]+, (?:[\w.]+\.)?(\w+)", (ROOT / f"services/{service}/relay.py").read_text()
        )
    }
    assert swept == {run.__name__ for _, _, run in WORK} - {claimed.__name__}
