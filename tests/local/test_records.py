"""What is a record, the service that writes it cannot change: a break-in wipes no trace."""

import importlib
from collections.abc import Callable, Iterator
from functools import partial

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import MetaData

from deploy.local.place import erase
from deploy.local.postgres import Postgres
from deploy.stack import databases
from shared.contracts import Queue
from shared.kit.columns import APPEND_ONLY

SERVICES = pytest.mark.parametrize("service", Queue)
RECORDS = {
    Queue.DIRECTORY: {
        *("audit_entries", "key_checks", "law_rows", "rule_proposals", "rule_rehearsals"),
    },
    Queue.INTAKE: {
        *("assignments", "audit_entries", "consents", "corrections", "disclosures"),
        *("file_disclosures", "hand_overs", "journey_steps", "key_checks", "papers", "persons"),
        *("contact_points", "initial_checks", "need_ends", "person_messages", "refuges"),
        *("kept_apart", "law_rows", "risk_flags"),
    },
    Queue.VERIFICATION: {
        *("audit_entries", "evidence", "issued_papers", "law_rows", "protection_moves"),
        *("read_notices", "verification_moves"),
    },
    Queue.LIVELIHOOD_SUPPORT: {
        *("answer_sets", "audit_entries", "case_facts", "law_rows", "plan_revisions", "plans"),
        *("needs", "offer_questions", "offered_ways", "provisions", "read_notices"),
        *("readiness_attestations", "readiness_sheets", "referral_moves", "seeds", "stay_moves"),
    },
    Queue.NOTIFICATION: {"audit_entries", "case_subscriptions", "key_checks", "templates"},
}

UrlOf = Callable[[str, str], str]


@pytest.fixture(scope="module")
def url_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UrlOf]:
    """Databases as an installation makes them: a role that owns, and one that works."""
    folder = tmp_path_factory.mktemp("records", numbered=True)
    folder.chmod(0o711)
    postgres = Postgres.start(folder)
    passwords = {role: role for each in Queue for role in (str(each), databases.owner(each))}
    databases.create(lambda name: postgres.url(name, "postgres"), passwords)
    databases.migrate(postgres.url)
    yield lambda service, role: postgres.url(service, role).replace(
        "postgresql+psycopg", "postgresql"
    )
    postgres.stop()
    erase(folder)


def _note(warned: list[str], notice: psycopg.errors.Diagnostic) -> None:
    warned.append(notice.sqlstate or "")


def declared(service: str) -> dict[str, tuple[str, ...]]:
    metadata: MetaData = importlib.import_module(f"services.{service}.models").METADATA
    return {
        table.name: table.info[APPEND_ONLY]
        for table in metadata.tables.values()
        if APPEND_ONLY in table.info
    }


def denied(url: str, statement: sql.Composed) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False


def columns(url: str, table: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
        )
        return [name for (name,) in rows]


@SERVICES
def test_every_record_is_declared(service: Queue) -> None:
    assert set(declared(service)) == RECORDS[service]


@SERVICES
def test_a_service_cannot_change_its_records(service: Queue, url_of: UrlOf) -> None:
    url = url_of(service, service)
    for name, changing in {**declared(service), "alembic_version": ()}.items():
        table = sql.Identifier(name)
        assert denied(url, sql.SQL("DELETE FROM {}").format(table)), name
        assert denied(url, sql.SQL("TRUNCATE {} CASCADE").format(table)), name
        for column in columns(url, name):
            update = sql.SQL("UPDATE {} SET {} = {}").format(
                table, sql.Identifier(column), sql.Identifier(column)
            )
            assert denied(url, update) == (column not in changing), f"{name}.{column}"


CASCADING = """
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
     WHERE contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')
"""


@SERVICES
def test_no_deletion_elsewhere_reaches_a_record(service: Queue, url_of: UrlOf) -> None:
    """What a foreign key deletes or changes, it does with the rights of the table's owner."""
    with psycopg.connect(url_of(service, service)) as connection:
        assert connection.execute(CASCADING).fetchall() == []


@SERVICES
def test_a_service_empties_no_table_at_once_and_sets_no_sequence(
    service: Queue, url_of: UrlOf
) -> None:
    url = url_of(service, service)
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'S', 'v', 'm')"
        ).fetchall()
    for name, kind in tables:
        if kind == "S":
            assert denied(
                url, sql.SQL("SELECT setval({}, 1)").format(sql.Literal(f"public.{name}"))
            ), name
        else:
            assert kind == "r", "a view or a partition has rights of its own"
            assert denied(url, sql.SQL("TRUNCATE {}").format(sql.Identifier(name))), name


@SERVICES
def test_a_row_that_is_there_is_changed_by_no_other_way(service: Queue, url_of: UrlOf) -> None:
    """Upserts and merges ask for the right to update; a lock for the right to change something."""
    url = url_of(service, service)
    merge = "MERGE INTO audit_entries USING (SELECT 1) AS one ON true WHEN MATCHED THEN "
    copied = "INSERT INTO audit_entries SELECT * FROM audit_entries "
    for statement in (
        copied + "ON CONFLICT (id) DO UPDATE SET outcome = 'x'",
        merge + "UPDATE SET outcome = 'x'",
        merge + "DELETE",
        "SELECT 1 FROM audit_entries FOR UPDATE",
        "CREATE RULE no_more AS ON INSERT TO audit_entries DO INSTEAD NOTHING",
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ):
        assert denied(url, sql.SQL("{}").format(sql.SQL(statement))), statement


@SERVICES
def test_a_service_claims_no_version_of_its_tables(service: Queue, url_of: UrlOf) -> None:
    claim = sql.SQL("INSERT INTO {} SELECT '0099' WHERE false").format(
        sql.Identifier("alembic_version")
    )
    assert denied(url_of(service, service), claim)


@SERVICES
def test_a_service_owns_nothing_and_gives_itself_no_rights(service: Queue, url_of: UrlOf) -> None:
    url = url_of(service, service)
    for statement in (
        "GRANT DELETE ON audit_entries TO CURRENT_USER",
        "ALTER TABLE audit_entries ADD COLUMN more text",
        "DROP TABLE audit_entries",
        f"SET ROLE {databases.owner(service)}",
        "CREATE TABLE more (id int)",
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            # A grant of what one has no right to grant is a warning and no error.
            warned: list[str] = []
            connection.add_notice_handler(partial(_note, warned))
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert warned == ["01007"], statement
    assert denied(url, sql.SQL("DELETE FROM {}").format(sql.Identifier("audit_entries")))


@SERVICES
def test_rights_are_taken_again_after_every_migration(service: Queue, url_of: UrlOf) -> None:
    owner = url_of(service, databases.owner(service))
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(
            sql.SQL("GRANT DELETE, UPDATE ON audit_entries TO {}").format(sql.Identifier(service))
        )
    databases.migrate(
        lambda name, role: url_of(name, role).replace("postgresql:", "postgresql+psycopg:")
    )
    delete = sql.SQL("DELETE FROM {}").format(sql.Identifier("audit_entries"))
    assert denied(url_of(service, service), delete)
