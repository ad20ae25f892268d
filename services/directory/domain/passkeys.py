"""Passkeys as rows: which there are, and which of them has answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.sessions import give_challenge, moment
from services.directory.errors import PasskeyNotFound, PasskeysTooMany, PasskeyTaken
from services.directory.models import StaffPasskey, StaffSession
from services.directory.policy import (
    MOST_PASSKEYS,
    PasskeyFacts,
    RelyingParty,
    Signed,
    StaffVault,
    counted_by,
)
from shared.kit.identifiers import new_id


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: UUID
    label: str = field(repr=False)
    registered_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Challenged:
    """What an authenticator is asked to sign, and with which keys it can."""

    rp_id: str
    challenge: bytes
    credential_ids: Sequence[bytes]


def has_passkeys(session: Session, staff_id: UUID) -> bool:
    """Whether somebody has a passkey."""
    there = select(exists().where(StaffPasskey.staff_id == staff_id))
    return session.scalars(there).one()


def passkeys_of(session: Session, staff_id: UUID) -> Sequence[StaffPasskey]:
    """Somebody's passkeys, the first one first."""
    mine = select(StaffPasskey).where(StaffPasskey.staff_id == staff_id)
    return session.scalars(mine.order_by(StaffPasskey.id)).all()


def challenge_of(
    session: Session, open_one: StaffSession, party: RelyingParty
) -> Challenged | None:
    """A challenge of a locked session to the passkeys of its person, if there are any."""
    known = passkeys_of(session, open_one.staff_id)
    if party.rp_id is None or not known:
        return None
    given = give_challenge(open_one, moment(session))
    session.flush()
    return Challenged(party.rp_id, given, [each.credential_id for each in known])


def shown(passkey: StaffPasskey, vault: StaffVault) -> Passkey:
    """A passkey with its label."""
    label = vault.open_label(passkey.label, passkey_id=passkey.id)
    return Passkey(passkey.id, label, passkey.registered_at, passkey.used_at)


def add_passkey(
    session: Session,
    staff_id: UUID,
    credential_id: bytes,
    facts: PasskeyFacts,
    *,
    label: str,
    vault: StaffVault,
    at: datetime,
) -> StaffPasskey:
    """Keep a passkey of locked credentials; raises ``PasskeysTooMany`` and ``PasskeyTaken``."""
    if len(passkeys_of(session, staff_id)) >= MOST_PASSKEYS:
        raise PasskeysTooMany
    passkey_id = new_id()
    made: StaffPasskey | None = session.scalar(
        insert(StaffPasskey)
        .values(
            id=passkey_id,
            staff_id=staff_id,
            credential_id=credential_id,
            public_key=facts.public_key,
            sign_count=facts.sign_count,
            label=vault.seal_label(label, passkey_id=passkey_id),
            registered_at=at,
        )
        .on_conflict_do_nothing()
        .returning(StaffPasskey)
    )
    if made is None:
        raise PasskeyTaken
    return made


def remove_passkey(session: Session, staff_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey; raises ``PasskeyNotFound``."""
    removed = session.execute(
        delete(StaffPasskey)
        .where(StaffPasskey.id == passkey_id, StaffPasskey.staff_id == staff_id)
        .returning(StaffPasskey.id)
    ).one_or_none()
    if removed is None:
        raise PasskeyNotFound


def forget_passkeys(session: Session, staff_id: UUID) -> None:
    """Forget all of them."""
    session.execute(delete(StaffPasskey).where(StaffPasskey.staff_id == staff_id))


def has_answered(
    session: Session,
    staff_id: UUID,
    signed: Signed,
    *,
    challenge: bytes | None,
    party: RelyingParty,
    at: datetime,
) -> bool:
    """Whether a passkey of this person, and of nobody else, has answered the challenge."""
    mine = select(StaffPasskey).where(
        StaffPasskey.credential_id == signed.credential_id, StaffPasskey.staff_id == staff_id
    )
    passkey = session.scalar(mine.with_for_update())
    if passkey is None or challenge is None:
        return False
    key = PasskeyFacts(passkey.public_key, passkey.sign_count)
    counted = counted_by(party, signed, challenge=challenge, key=key)
    if counted is None:
        return False
    passkey.sign_count = counted
    passkey.used_at = at
    session.flush()
    return True
