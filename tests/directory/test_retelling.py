"""A service that joins is told how everything in the directory stands, once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from deploy.local.patience import wait_until
from services.directory import domain
from services.directory.domain.retelling import PASTS
from shared.contracts import BY_TYPE, Message, OrganisationChanged, ProgrammeChanged, Queue
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.audit import AUDIT
from shared.kit.database import Database
from shared.messaging import retelling
from shared.messaging.retelling import Counted
from tests.directory.builders import ACTOR, open_school
from tests.noticing import somebody_waits
from tests.retold import forget
from tests.told import IN_OUTBOX

NEWCOMER = Queue.LIVELIHOOD_SUPPORT
ORGANISATIONS, OFFICERS, PROGRAMMES, ENDPOINTS, CONTACT_POINTS, RULES = PASTS
OFFER = domain.ProgrammeFacts(
    name_vi="Lớp may",
    name_en="Sewing",
    codes=(EntitlementCode.VOCATIONAL,),
    area_codes=("31",),
    capacity=12,
)


def outbox_of(database: Database, queue: Queue) -> Sequence[Message]:
    with database.read() as session:
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == queue)
            .order_by(IN_OUTBOX.c.type, IN_OUTBOX.c.aggregate_id, IN_OUTBOX.c.sequence)
        ).all()
    return [BY_TYPE[row.type].model_validate(row.body) for row in rows]


def retell(database: Database, most: int = retelling.STEP) -> int:
    total = 0
    for past in PASTS:
        after: UUID | None = None
        while past.is_for(NEWCOMER):
            with database.begin() as session:
                after, many = retelling.retell(
                    session, past, NEWCOMER, after=after, actor=ACTOR, most=most
                )
            total += many
            if after is None:
                break
    return total


@pytest.fixture
def known(database: Database, now: datetime) -> Sequence[Message]:
    """Three organisations, one of them changed since, and a programme: how they stand now."""
    with database.begin() as session:
        schools = [open_school(session, now=now, code=f"truong-{place}") for place in range(3)]
        domain.open_programme(
            session, organisation_id=schools[0].id, facts=OFFER, now=now, actor=ACTOR
        )
    with database.begin() as session:
        domain.change_organisation(
            session,
            organisation_id=schools[1].id,
            facts=domain.OrganisationFacts(name_vi="Mới", name_en="New", roles=()),
            expected_version=1,
            now=now + timedelta(hours=1),
            actor=ACTOR,
        )
    newest = {it.aggregate_id: it for it in outbox_of(database, NEWCOMER)}
    forget(database, NEWCOMER)
    return list(newest.values())


def test_everything_is_told_as_it_stands_and_to_the_newcomer_alone(
    database: Database, known: Sequence[Message]
) -> None:
    others = outbox_of(database, Queue.INTAKE)
    assert retell(database, most=2) == 4
    assert list(outbox_of(database, NEWCOMER)) == list(known)
    assert outbox_of(database, Queue.INTAKE) == others
    with database.read() as session:
        facts = session.scalars(
            select(AUDIT.c.facts).where(AUDIT.c.action == "retell_messages").order_by(AUDIT.c.id)
        ).all()
    assert [(it["types"], it["count"]) for it in facts] == [
        ([OrganisationChanged.type], 2),
        ([OrganisationChanged.type], 1),
        ([ProgrammeChanged.type], 1),
    ]


def test_a_second_run_tells_nothing_and_a_run_that_was_cut_short_goes_on(
    database: Database, known: Sequence[Message]
) -> None:
    with database.begin() as session:
        _, many = retelling.retell(
            session, ORGANISATIONS, NEWCOMER, after=None, actor=ACTOR, most=1
        )
    assert many == 1
    with database.read() as session:
        assert retelling.count(session, ORGANISATIONS, NEWCOMER) == Counted(untold=2, told=1)
    assert retell(database) == 3
    assert retell(database) == 0
    assert list(outbox_of(database, NEWCOMER)) == list(known)


def test_what_may_not_be_told_to_a_service_is_not(database: Database) -> None:
    assert ORGANISATIONS.is_for(NEWCOMER)
    assert PROGRAMMES.is_for(NEWCOMER)
    assert not ENDPOINTS.is_for(NEWCOMER)
    assert not OFFICERS.is_for(NEWCOMER)
    assert OFFICERS.is_for(Queue.INTAKE)
    assert not ORGANISATIONS.is_for(Queue.DIRECTORY)


def test_what_changes_while_it_is_told_is_told_as_it_is_then(
    database: Database, known: Sequence[Message], now: datetime
) -> None:
    """A change has the organisation locked: telling waits for it, and then passes it by."""
    changed = next(it for it in known if isinstance(it, OrganisationChanged) and it.roles)
    with ThreadPoolExecutor(1) as other:
        with database.begin() as session:
            domain.change_organisation(
                session,
                organisation_id=changed.organisation_id,
                facts=domain.OrganisationFacts(name_vi="Sau", name_en="Later", roles=()),
                expected_version=1,
                now=now + timedelta(hours=2),
                actor=ACTOR,
            )
            retold = other.submit(retell, database)
            assert wait_until(partial(somebody_waits, database.begin), within=4)
        assert retold.result(10) == len(known) - 1
    told = [it for it in outbox_of(database, NEWCOMER) if it.aggregate_id == changed.aggregate_id]
    assert [it.occurred_at for it in told] == [now + timedelta(hours=2)]
