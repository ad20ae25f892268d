"""What an operator asks an installation that works: is every rule kept, do both ends agree?"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy import cli
from deploy.stack.reconcile import compare
from shared.contracts import Queue
from shared.kit.identifiers import new_id

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def addresses(new_database: Callable[[str], str]) -> Mapping[Queue, str]:
    """Five databases, as new as migrations make them."""
    return {service: new_database(service) for service in Queue}


@pytest.fixture
def nhipcau(
    addresses: Mapping[Queue, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs the command on them: its exit status and what it says."""
    for service, url in addresses.items():
        monkeypatch.setenv(f"{service.upper()}_DATABASE_URL", url)

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["nhipcau", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out + printed.err

    return run


def connect(addresses: Mapping[Queue, str], service: Queue) -> "psycopg.Connection[object]":
    return psycopg.connect(addresses[service].replace("+psycopg", "", 1), autocommit=True)


@pytest.fixture
def forgotten(addresses: Mapping[Queue, str]) -> Iterator[None]:
    """A case that verification was never told of, for long enough."""
    with connect(addresses, Queue.INTAKE) as intake:
        intake.execute("SET session_replication_role = replica")
        intake.execute(
            "INSERT INTO cases (id, code, person_id, route, receiver_id, receiver_kind,"
            " received_at, registered_at, status, age_band, sex, citizenship, origin_unit_code,"
            " origin_unit_on, languages, needs_interpreter, requested_services, warnings, version)"
            " VALUES (%s, 'NC-1', %s, 'RESCUED', %s, 'police', now() - interval '10 minutes',"
            " now() - interval '10 minutes', 'received', 'adult', 'female', 'vietnamese',"
            " '11557', current_date, '{vi}', false, '{}', '{}', 1)",
            [CASE, new_id(), new_id()],
        )
        yield
        intake.execute("DELETE FROM cases")


CASE = new_id()


def test_where_every_rule_is_kept_the_command_says_so(nhipcau: Run) -> None:
    status, said = nhipcau("breaches")
    assert (status, said) == (0, "Every rule holds.\n")


def test_a_broken_rule_is_named_with_its_rows(
    nhipcau: Run, addresses: Mapping[Queue, str], forgotten: None
) -> None:
    status, said = nhipcau("breaches")
    assert status == 1
    assert "every case received has a verification" in said
    assert str(CASE) in said
    with connect(addresses, Queue.INTAKE) as intake:
        intake.execute("SET session_replication_role = replica")
        intake.execute("UPDATE cases SET registered_at = now() - interval '1 minute'")
    assert "has a verification" not in nhipcau("breaches")[1], "it is only on its way"


@pytest.fixture
def closed(addresses: Mapping[Queue, str]) -> Iterator[None]:
    """Two messages that intake's receiver has had, and has lost with its database."""
    about = uuid4()
    with connect(addresses, Queue.INTAKE) as intake:
        intake.execute("INSERT INTO outbox_totals VALUES ('verification', 2, 0)")
        told = """INSERT INTO outbox_sequences VALUES (%s, '{"verification": 2}')"""
        intake.execute(told, [about])
        intake.execute(
            "INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages,"
            " created_at) VALUES (%s, 'verification', %s, '{1,2}', '[{}, {}]', now())",
            [new_id(), [about, about]],
        )
        yield
        intake.execute(
            "TRUNCATE outbox, closed_outbox, outbox_sequences, outbox_totals, audit_entries"
        )


@pytest.fixture
def parked(addresses: Mapping[Queue, str]) -> Iterator[tuple[str, str]]:
    """A parked message of a case, and its alert: the ids of both."""
    message_id, about = new_id(), uuid4()
    with connect(addresses, Queue.VERIFICATION) as connection:
        connection.execute(
            "INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence,"
            " envelope, reason, attempts) VALUES (%s, 'livelihood_support',"
            " 'livelihood_support.referral_requested.v1', %s, 1, '{}', 'no_handler', 1)",
            [message_id, about],
        )
        connection.execute(
            "INSERT INTO operator_alerts (id, kind, subject, object_id, facts, times, raised_at,"
            " last_at, rests_until) VALUES (%s, 'message_parked', 'x', %s, '{}', 1, now(),"
            " now(), now())",
            [new_id(), message_id],
        )
        yield str(message_id), str(about)
        connection.execute("TRUNCATE parked_messages, operator_alerts")


def test_ids_are_whole_whatever_the_width_of_the_terminal(
    nhipcau: Run, parked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id that is cut off names nothing that could be replayed or looked up."""
    monkeypatch.setenv("COLUMNS", "60")
    message_id, about = parked
    assert all(it in nhipcau("parked", "list", "verification")[1] for it in parked)
    assert message_id in nhipcau("alerts")[1]
    assert about not in nhipcau("alerts")[1]


def test_messages_of_which_the_two_ends_disagree_are_named(
    nhipcau: Run, addresses: Mapping[Queue, str], closed: None
) -> None:
    status, said = nhipcau("breaches")
    assert status == 1
    assert "I3" in said
    assert "every message that its sender has closed was taken" in said
    assert f"intake verification {about(addresses)}" in said


@pytest.fixture
def retold(addresses: Mapping[Queue, str], forgotten: None) -> Iterator[None]:
    """What is told of the forgotten case is taken away again."""
    yield
    with connect(addresses, Queue.INTAKE) as intake:
        intake.execute("TRUNCATE outbox, outbox_sequences, audit_entries")


def test_a_service_that_joins_is_told_once_and_counting_tells_nothing(
    nhipcau: Run, addresses: Mapping[Queue, str], retold: None
) -> None:
    asked = ("retell", "intake", "--to", "verification")
    status, said = nhipcau(*asked, "--dry-run")
    assert (status, opened(addresses)) == (0, 0)
    assert "intake.case_received.v1" in said
    status, said = nhipcau(*asked)
    assert (status, opened(addresses)) == (1, 0)
    assert "--as" in said
    status, said = nhipcau(*asked, "--as", "test")
    assert (status, opened(addresses)) == (0, 1)
    assert "verification: 1." in said
    status, said = nhipcau(*asked, "--as", "test")
    assert (status, opened(addresses)) == (0, 1)
    assert "verification: 0." in said


@pytest.mark.parametrize(
    "asked", [("notification", "intake"), ("intake", "directory"), ("directory", "directory")]
)
def test_what_is_not_addressed_to_a_service_is_not_told_to_it(
    nhipcau: Run, asked: tuple[str, str]
) -> None:
    service, to = asked
    status, said = nhipcau("retell", service, "--to", to, "--as", "test")
    assert status == 1
    assert "nothing to tell" in said


def about(addresses: Mapping[Queue, str]) -> str:
    """The aggregate of the closed messages."""
    with connect(addresses, Queue.INTAKE) as intake:
        row = intake.execute("SELECT aggregate_id FROM outbox_sequences").fetchone()
    return str(row[0]) if row else ""  # type: ignore[index]


def opened(addresses: Mapping[Queue, str]) -> int:
    with connect(addresses, Queue.INTAKE) as intake:
        row = intake.execute(
            "SELECT coalesce(sum(cardinality(sequences)), 0) FROM outbox"
        ).fetchone()
    return int(row[0]) if row else 0  # type: ignore[index]


def test_what_a_restored_service_lacks_is_said_and_then_told_again(
    nhipcau: Run, addresses: Mapping[Queue, str], closed: None
) -> None:
    status, said = nhipcau("reconcile")
    assert status == 1
    assert "missing" in said
    assert "1-2" in said
    assert about(addresses) in said
    assert opened(addresses) == 0, "saying is not doing"

    # However short the patience, what was mended is not said to be still needed.
    status, said = nhipcau("reconcile", "--apply", "--as", "me", "--seconds", "0")
    assert (status, opened(addresses)) == (0, 2), said
    assert "Told again: 2 messages." in said
    with connect(addresses, Queue.INTAKE) as intake:
        actors = intake.execute("SELECT actor FROM audit_entries").fetchall()
    assert actors == [("operator:me",)]


@pytest.fixture
def forgetful(addresses: Mapping[Queue, str]) -> Iterator[dict[UUID, tuple[str, ...]]]:
    """Cases of which intake has forgotten everything and verification nothing, with what it was."""
    types = [f"intake.fact_{number}.v1" for number in range(3)]
    had = {uuid4(): tuple(types[: number % 3 + 1]) for number in range(9)}
    with connect(addresses, Queue.VERIFICATION) as verification:
        for case_id, its in had.items():
            verification.execute(
                "INSERT INTO inbox_cursors VALUES ('intake', %s, %s, 0)", [case_id, len(its)]
            )
            for number, each in reversed([*enumerate(its, 1)]):
                verification.execute(
                    "INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state)"
                    " VALUES (%s, 'intake', %s, %s, %s, 'handled')",
                    [new_id(), each, case_id, number],
                )
        yield had
        verification.execute("TRUNCATE inbox, inbox_cursors")


def test_however_much_was_forgotten_it_is_asked_for_once(
    addresses: Mapping[Queue, str], forgetful: dict[UUID, tuple[str, ...]]
) -> None:
    asked: Counter[str] = Counter()

    def urls(service: str) -> str:
        asked[service] += 1
        return addresses[Queue(service)].replace("+psycopg", "", 1)

    (difference,) = compare(urls)
    assert {it.numbers.aggregate_id: it.types for it in difference.forgotten} == forgetful
    assert asked[Queue.VERIFICATION] - asked[Queue.NOTIFICATION] == 1


def test_who_does_it_must_be_said(nhipcau: Run) -> None:
    status, said = nhipcau("reconcile", "--apply")
    assert status == 1
    assert "--as NAME" in said


def test_one_service_is_told_again_what_was_closed_since_a_moment(
    nhipcau: Run, addresses: Mapping[Queue, str], closed: None
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    asked = ("resend", "--to", "verification", "--as", "me", "--since")
    assert nhipcau(*asked, tomorrow) == (0, "0 messages are told again to verification.\n")
    assert opened(addresses) == 0
    assert nhipcau(*asked, "2026-01-01T00:00:00+07:00")[0] == 0
    assert opened(addresses) == 2
