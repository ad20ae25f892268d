"""Whether the keys this process was given are those the vault was sealed with."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.vault import key_of
from services.intake.models import Draft, Person
from shared.kit.arrays import among
from shared.kit.crypto import MasterKeys, Unreadable
from shared.kit.key_checks import WrongKey, recognise, recorded

INDEX = "index"
SAMPLE = 20
"""More persons than are ever erased one after another."""


def recognise_keys(session: Session, *, keys: MasterKeys, now: datetime) -> None:
    """These keys open what is sealed here, and are known from now on; raises ``WrongKey``.

    A version may leave the file once nobody's key is wrapped with it any more.
    """
    known_before = recorded(session)
    named = {_name(version): key for version, key in keys.keys.items()}
    recognise(session, {**named, INDEX: keys.index_key}, now=now)
    _find_missing(session, keys)
    for version in keys.keys:
        if _name(version) not in known_before:
            _try(session, keys, version)


def _find_missing(session: Session, keys: MasterKeys) -> None:
    for used in (Person.master_version, Draft.master_version):
        missing = session.scalar(select(used).where(~among(used, keys.keys)).limit(1))
        if missing is not None:
            raise WrongKey([_name(missing)])


def _try(session: Session, keys: MasterKeys, version: int) -> None:
    """Open the key of some person: so the keys are checked against what was sealed before.

    Some persons may have been erased, their keys destroyed; never all of several.
    """
    sealed = select(Person).where(Person.master_version == version)
    persons = session.scalars(sealed.order_by(Person.id.desc()).limit(SAMPLE)).all()
    if persons and not any(_opens(keys, person) for person in persons):
        raise WrongKey([_name(version)])


def _opens(keys: MasterKeys, person: Person) -> bool:
    try:
        key_of(keys, person)
    except Unreadable:
        return False
    return True


def _name(version: int) -> str:
    return f"master|{version}"
