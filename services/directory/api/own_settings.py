"""One's own settings over HTTP: where, how often and when one is written to."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.account import READING_OWN, Owner, Person
from services.directory.api.edge import CREATING, READING, ById, Now
from services.directory.api.endpoints import Reading, Responsible
from services.directory.api.staff import Vault
from services.directory.errors import MailboxCodeRefused, PhoneCodeRefused
from services.directory.policy import StaffVault
from shared.kit.http import Edge, OnceOnly, ReadSession, edge_of
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["account"])

EdgeOf = Annotated[Edge, Depends(edge_of)]
SEALED = ("mailbox", "phone")
"""What of one's settings is kept sealed, and shown to its owner."""
CHANGING_OWN = refusals(400, 401, 403, 409, 422)


@router.get("/me/settings", responses=READING_OWN)
def read_settings(session: ReadSession, caller: Person, vault: Vault) -> schemas.SettingsRead:
    """Read where, how often and when one is written to."""
    return _read(session, caller, vault)


@router.post("/me/settings", response_model=schemas.SettingsRead, responses=CHANGING_OWN)
def change_settings(
    body: schemas.SettingsChange, once: OnceOnly, caller: Owner, vault: Vault
) -> JSONResponse:
    """Be written to otherwise from now on; the first digest is of the next hour, day or week."""

    def act(session: Session, now: datetime) -> Answer:
        domain.change_settings(session, subject=caller, wishes=body.wishes(), now=now)
        kept = _read(session, caller, vault).model_copy(update=dict.fromkeys(SEALED))
        return Answer(200, kept.model_dump(mode="json"))

    return once.answer(act, reveal=_with_ways(caller, vault))


@router.post("/me/mailbox", status_code=204, responses=CHANGING_OWN)
def give_mailbox(
    body: schemas.MailboxGiven, caller: Owner, vault: Vault, now: Now, edge: EdgeOf
) -> Response:
    """Name a mailbox of one's own; a code goes there, and nothing else until it has come back.

    It takes no `Idempotency-Key`, so that no digest of a mailbox is kept beside the answer. The
    mailbox before is written to no more.
    """
    with edge.begin() as session:
        domain.give_mailbox(session, subject=caller, mailbox=body.mailbox, vault=vault, now=now)
    return Response(status_code=204)


@router.post("/me/mailbox/confirmation", status_code=204, responses=CHANGING_OWN)
def confirm_mailbox(
    body: schemas.CodeGiven, caller: Owner, vault: Vault, now: Now, edge: EdgeOf
) -> Response:
    """Give the code that came by mail: from now on one is written to. It is good for a day."""
    with edge.begin() as session:
        is_right = domain.confirm_mailbox(
            session, subject=caller, code=body.code, vault=vault, now=now
        )
    if not is_right:
        raise MailboxCodeRefused
    return Response(status_code=204)


@router.delete("/me/mailbox", status_code=204, responses=CHANGING_OWN)
def end_mailbox(caller: Owner, now: Now, edge: EdgeOf) -> Response:
    """Be written to no more; the mailbox is deleted. Done twice, it is done."""
    with edge.begin() as session:
        domain.end_mailbox(session, subject=caller, now=now)
    return Response(status_code=204)


@router.post("/me/phone", status_code=204, responses=CHANGING_OWN)
def give_phone(
    body: schemas.PhoneGiven, caller: Owner, vault: Vault, now: Now, edge: EdgeOf
) -> Response:
    """Name a phone of one's own; a code goes there, and nothing else until it has come back.

    It takes no `Idempotency-Key`, so that no digest of a number is kept beside the answer. The
    number before is sent nothing more.
    """
    with edge.begin() as session:
        domain.give_phone(session, subject=caller, number=body.number, vault=vault, now=now)
    return Response(status_code=204)


@router.post("/me/phone/confirmation", status_code=204, responses=CHANGING_OWN)
def confirm_phone(
    body: schemas.CodeGiven, caller: Owner, vault: Vault, now: Now, edge: EdgeOf
) -> Response:
    """Give the code that came by SMS: what is urgent may go there. It is good for a day."""
    with edge.begin() as session:
        is_right = domain.confirm_phone(
            session, subject=caller, code=body.code, vault=vault, now=now
        )
    if not is_right:
        raise PhoneCodeRefused
    return Response(status_code=204)


@router.delete("/me/phone", status_code=204, responses=CHANGING_OWN)
def end_phone(caller: Owner, now: Now, edge: EdgeOf) -> Response:
    """Be sent no SMS any more; the number is deleted. Done twice, it is done."""
    with edge.begin() as session:
        domain.end_phone(session, subject=caller, now=now)
    return Response(status_code=204)


@router.get(
    "/organisations/{organisation_id}/weekly-page", tags=["contact points"], responses=READING
)
def read_weekly_page(
    organisation_id: ById, session: ReadSession, _caller: Reading
) -> schemas.WeeklyPageRead:
    """Read whether the office of an organisation gets its weekly page."""
    found = domain.find_organisation(session, organisation_id=organisation_id)
    return schemas.WeeklyPageRead.of(found.weekly_page_since)


@router.post(
    "/organisations/{organisation_id}/weekly-page",
    tags=["contact points"],
    response_model=schemas.WeeklyPageRead,
    responses=CREATING,
)
def set_weekly_page(
    organisation_id: ById, body: schemas.WeeklyPageChange, once: OnceOnly, caller: Responsible
) -> JSONResponse:
    """Have the office written on Mondays what is open, late, and waits for others; or no more.

    It goes to the mailbox of the office, if it has one.
    """

    def act(session: Session, now: datetime) -> Answer:
        found = domain.set_weekly_page(
            session,
            organisation_id=organisation_id,
            is_wanted=body.is_wanted,
            now=now,
            actor=caller.actor,
        )
        read = schemas.WeeklyPageRead.of(found.weekly_page_since)
        return Answer(200, read.model_dump(mode="json"))

    return once.answer(act)


def _read(session: Session, caller: Subject, vault: StaffVault) -> schemas.SettingsRead:
    own = domain.own_settings(session, subject=caller)
    mailbox = own.mailbox and vault.open_mailbox(own.mailbox, staff_id=own.staff_id)
    return schemas.SettingsRead.of(
        own.wishes,
        mailbox=mailbox or None,
        mailbox_at=own.mailbox_at,
        confirmed_at=own.confirmed_at,
        refused_since=own.refused_since,
        stopped_at=own.stopped_at,
        phone=own.phone and _phone(own.phone, own.staff_id, vault),
    )


def _phone(kept: domain.OwnPhone, staff_id: UUID, vault: StaffVault) -> schemas.PhoneRead:
    return schemas.PhoneRead(
        number=vault.open_number(kept.number, staff_id=staff_id),
        named_at=kept.named_at,
        confirmed_at=kept.confirmed_at,
        refused_since=kept.refused_since,
        stopped_at=kept.stopped_at,
    )


def _with_ways(caller: Subject, vault: StaffVault) -> Any:
    """The answer with mailbox and phone, which are opened here and kept beside no key."""

    def reveal(session: Session, kept: Answer) -> dict[str, Any]:
        read = _read(session, caller, vault).model_dump(mode="json")
        return {**kept.body, **{each: read[each] for each in SEALED}}

    return reveal
