"""Nothing grows without a row that says what keeps it (I9)."""

from collections import Counter
from importlib import import_module

import pytest

from shared.contracts import Queue
from shared.kit.columns import APPEND_ONLY
from shared.kit.retention import KEPT_DAYS, MOST_CLOSED_DAYS, Kept, Pruned, Retention
from shared.messaging.retention import common

ADVICE = "add a row to services/<service>/domain/retention.py, or to shared/messaging/retention.py"


def rules_of(service: Queue) -> list[Retention]:
    return [*common(), *import_module(f"services.{service}.domain").RETENTION]


@pytest.mark.parametrize("service", Queue)
def test_every_table_is_kept_or_pruned_by_exactly_one_row(service: Queue) -> None:
    tables = import_module(f"services.{service}.models").METADATA.tables
    rows = Counter(rule.table for rule in rules_of(service))
    assert {table: rows[table] for table in tables} == dict.fromkeys(tables, 1), ADVICE
    assert rows.keys() == tables.keys()


@pytest.mark.parametrize("service", Queue)
def test_every_row_gives_its_reason_and_its_day(service: Queue) -> None:
    for rule in rules_of(service):
        assert len(rule.why) > 5, rule
        assert rule.since.year >= 2026, rule


@pytest.mark.parametrize("service", Queue)
def test_what_has_legal_weight_is_pruned_by_no_period_of_ours(service: Queue) -> None:
    weighty = ("audit_entries", "consents", "disclosures", "cases", "persons", "deliveries")
    for rule in rules_of(service):
        if rule.table in weighty or rule.table.endswith(("_moves", "_steps")):
            assert not isinstance(rule, Pruned), rule


@pytest.mark.parametrize("service", Queue)
def test_nothing_is_pruned_that_is_a_record(service: Queue) -> None:
    tables = import_module(f"services.{service}.models").METADATA.tables
    for rule in rules_of(service):
        if APPEND_ONLY in tables[rule.table].info:
            assert isinstance(rule, Kept), rule


@pytest.mark.parametrize("service", Queue)
def test_the_column_a_table_is_pruned_by_is_indexed_or_the_table_stays_small(
    service: Queue,
) -> None:
    small = {"begun_frames", "parked_messages", "operator_alerts"}
    tables = import_module(f"services.{service}.models").METADATA.tables
    for rule in rules_of(service):
        if not isinstance(rule, Kept) and rule.table not in small:
            table = tables[rule.table]
            first = [next(iter(index.columns)).name for index in table.indexes]
            key = [column.name for column in table.primary_key][:1]
            assert rule.by in {*first, *key}, rule.table


def test_the_inbox_remembers_longer_than_a_sender_can_tell_again() -> None:
    closed = next(rule for rule in common(MOST_CLOSED_DAYS) if rule.table == "closed_outbox")
    assert isinstance(closed, Pruned)
    assert closed.after.days < KEPT_DAYS
