"""What operators look after: messages that are parked, and a system that takes webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from deploy.stack.installation import Installation
from shared.contracts import OrganisationChanged
from shared.contracts.vocabulary import OrganisationKind
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from tests.notification.receivers import Receiver

QUEUE = "verification"
TYPE = OrganisationChanged.type


def rows(installation: Installation, service: str, statement: str, *values: Any) -> list[Any]:
    with psycopg.connect(installation.database(service)) as connection:
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def park(installation: Installation, *, about: UUID | None = None, sequence: int = 1) -> UUID:
    """A message to verification as a worker would have parked it, which can be handled now."""
    about = about or uuid4()
    told = OrganisationChanged(
        occurred_at=utc_now(),
        organisation_id=about,
        code=f"co-quan-{about.hex[:6]}",
        kind=OrganisationKind.POLICE,
    )
    message_id = new_id()
    wire = {
        "id": str(message_id), "from": "directory", "to": QUEUE, "aggregate": str(about),
        "seq": sequence, "type": TYPE, "trace": None, "body": told.model_dump(mode="json"),
    }  # fmt: skip
    place = (message_id, "directory", TYPE, about, sequence)
    rows(
        installation,
        QUEUE,
        "INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, outcome)"
        " VALUES (%s, %s, %s, %s, %s, 'parked', 'attempts_exhausted')",
        *place,
    )
    rows(
        installation,
        QUEUE,
        "INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence, envelope,"
        " reason, attempts, first_fault) VALUES (%s, %s, %s, %s, %s, %s, 'attempts_exhausted', 32,"
        " %s)",
        *place,
        Jsonb(wire),
        Jsonb({"error": "OperationalError", "place": "services/verification/domain/x.py:1"}),
    )
    return about


def parked_at(installation: Installation, about: UUID, sequence: int = 1) -> str:
    """The id of a message that was parked."""
    query = "SELECT message_id FROM parked_messages WHERE aggregate_id = %s AND sequence = %s"
    ((message_id,),) = rows(installation, QUEUE, query, about, sequence)
    return str(message_id)


@contextmanager
def a_receiver(installation: Installation) -> Iterator[tuple[Receiver, UUID, str]]:
    """A system of the school that takes webhooks, as notification was told of it."""
    query = "SELECT id, name_vi FROM organisations WHERE code = 'cao-dang-ky-thuat'"
    ((school, name),) = rows(installation, "directory", query)
    endpoint_id = new_id()
    with Receiver() as started:
        rows(
            installation,
            "notification",
            "INSERT INTO endpoints (endpoint_id, organisation_id, url, status, secret_version,"
            " secret_since, changed_at) VALUES (%s, %s, %s, 'active', 1, now(), now())",
            endpoint_id,
            school,
            started.url,
        )
        yield started, school, name
        rows(
            installation,
            "notification",
            "UPDATE endpoints SET status = 'disabled' WHERE endpoint_id = %s",
            endpoint_id,
        )
