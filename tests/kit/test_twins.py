"""Closed vocabularies, rules and indexes of every migrated database are those of the code."""

import importlib
import secrets
from collections.abc import Callable, Iterator, Mapping

import psycopg
import pytest
from sqlalchemy import MetaData, create_engine, text

from shared.contracts import Queue
from shared.kit.twins import differences
from tests.conftest import ANY


@pytest.fixture
def empty(servers: Mapping[str, str]) -> Iterator[str]:
    """A database without tables."""
    name = f"twin_{secrets.token_hex(4)}"
    admin = servers["postgres"].replace(ANY, "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield servers["postgres"].replace(ANY, name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def declared(service: str) -> MetaData:
    found: MetaData = importlib.import_module(f"services.{service}.models").METADATA
    return found


@pytest.mark.parametrize("owner", list(Queue))
def test_a_migrated_database_has_the_rules_that_code_declares(
    new_database: Callable[[str], str], empty: str, owner: Queue
) -> None:
    assert differences(declared(owner), migrated=new_database(owner), twin=empty) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            (
                "ALTER TABLE cases DROP CONSTRAINT ck_cases_sex,"
                " ADD CONSTRAINT ck_cases_sex CHECK (sex IN ('female', 'male'))"
            ),
            "cases.ck_cases_sex",
        ),
        ("ALTER TABLE cases DROP CONSTRAINT ck_cases_version", "cases.ck_cases_version"),
        ("ALTER TABLE cases ADD CONSTRAINT ck_extra CHECK (version < 9)", "cases.ck_extra"),
        (
            (
                "DROP INDEX uq_consents_live; CREATE UNIQUE INDEX uq_consents_live"
                " ON consents (case_id, organisation_kind, purpose)"
            ),
            "consents.uq_consents_live",
        ),
    ],
)
def test_a_code_a_rule_or_a_condition_that_only_one_side_knows_is_found(
    new_database: Callable[[str], str], empty: str, change: str, told: str
) -> None:
    url = new_database(Queue.INTAKE)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    (found,) = differences(declared(Queue.INTAKE), migrated=url, twin=empty)
    assert found.startswith(f"{told}: ")
