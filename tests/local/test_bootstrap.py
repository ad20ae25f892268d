"""The administrator of an installation: one that the database knows, whatever became of it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.stack import bootstrap
from deploy.stack.keys import Keys
from shared.contracts import OfficerChanged


@pytest.fixture(autouse=True)
def keys(tmp_path: Path) -> None:
    """The console's key is there before anything is registered."""
    Keys.make(tmp_path)


def clients(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT client_id FROM clients ORDER BY client_id")
        return [client_id for (client_id,) in rows]


def everybody(folder: Path) -> list[str]:
    named = (bootstrap.credentials(folder, role).client_id for role in bootstrap.NAMES)
    return sorted([*named, bootstrap.CONSOLE])


def roles(url: str) -> dict[str, set[str]]:
    """What each client may do today."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute(
            """
            SELECT client_id, role FROM clients JOIN organisation_roles USING (organisation_id)
             WHERE valid_to IS NULL OR valid_to > current_date
            """
        )
        found: dict[str, set[str]] = {}
        for client_id, role in rows:
            found.setdefault(client_id, set()).add(role)
        return found


def test_no_client_is_administrator_operator_auditor_and_console_at_once(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    bootstrap.directory(url, tmp_path)
    assert sorted(roles(url).values(), key=sorted) == [
        {"administrator"},
        {"auditor"},
        {"console"},
        {"operator"},
    ]


def test_who_was_all_three_in_an_earlier_release_stays_administrator_only(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    first = bootstrap.directory(url, tmp_path)
    for role in ("operator", "auditor"):
        (tmp_path / f"{role}.json").unlink()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for role in ("operator", "auditor"):
            connection.execute(
                """
                INSERT INTO organisation_roles (organisation_id, role, area_code, valid_from)
                VALUES (%s, %s, '31', '2026-01-01')
                """,
                (first.organisation_id, role),
            )
    again = bootstrap.directory(url, tmp_path)
    assert again.client_id == first.client_id
    assert roles(url)[first.client_id] == {"administrator"}
    assert all(len(held) == 1 for held in roles(url).values())
    assert {first.client_id, *everybody(tmp_path)} <= roles(url).keys()


def test_an_installation_assures_no_programme(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    bootstrap.directory(url, tmp_path)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT count(*), count(assured_at) FROM programmes").fetchone()
    assert rows is not None
    assert (rows[0] > 0, rows[1]) == (True, 0)


def test_an_administrator_is_registered_once(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    first = bootstrap.directory(url, tmp_path)
    again = bootstrap.directory(url, tmp_path)
    assert first.client_id == again.client_id
    assert clients(url) == everybody(tmp_path)
    assert (tmp_path / "administrator.json").stat().st_mode & 0o077 == 0


def test_a_new_database_gets_an_administrator_though_the_file_survived(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    before = bootstrap.directory(new_database("directory"), tmp_path)
    url = new_database("directory")
    now = bootstrap.directory(url, tmp_path)
    assert now.client_id != before.client_id
    assert clients(url) == everybody(tmp_path)
    assert bootstrap.credentials(tmp_path).client_id == now.client_id


def test_after_an_upgrade_intake_is_told_once_of_whoever_acted_in_cases_before(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    bootstrap.directory(url, tmp_path)
    officer, clerk = (an_account(url, role) for role in ("case_owner", "receiver"))
    assert told_of(url, officer) is None
    for _ in range(2):
        bootstrap.directory(url, tmp_path)
        assert told_of(url, officer) == {"intake": 1}
        assert told_of(url, clerk) is None
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        query = "SELECT actor, facts FROM audit_entries WHERE action = 'retell_messages'"
        ((actor, facts),) = connection.execute(query).fetchall()
    assert (actor, facts["destination"], facts["count"]) == ("bootstrap", "intake", 1)
    assert facts["types"] == [OfficerChanged.type]


def an_account(url: str, role: str) -> UUID:
    """Somebody whom the release before gave an account, and told nobody of."""
    staff_id = uuid4()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(
            """
            INSERT INTO staff (id, organisation_id, log_in_digest, identity, is_active, version,
                               registered_at, changed_at)
            SELECT %s, id, %s, %s, true, 1, now(), now() FROM organisations LIMIT 1
            """,
            (staff_id, staff_id.bytes * 2, b"sealed"),
        )
        connection.execute(
            """
            INSERT INTO staff_grants (staff_id, role, area_code, valid_from)
            VALUES (%s, %s, '31', '2026-01-01')
            """,
            (staff_id, role),
        )
    return staff_id


def told_of(url: str, about: UUID) -> dict[str, int] | None:
    """Whom the directory has told of something, and how often; unset while it has told nobody."""
    query = "SELECT last_sequences FROM outbox_sequences WHERE aggregate_id = %s"
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(query, [about]).fetchone()
    return row[0] if row else None
