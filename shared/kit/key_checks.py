"""A new key in place of a lost one opens nothing and reports nothing: so each key is recognised.

Next to what was sealed or signed with a key, a digest of the key, made with the key itself, is
stored when the key is first used here. The digest tells nothing of a random key of 32 bytes; a
process that starts with another key learns that it has the wrong one, before it uses it.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, String, Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.kit.arrays import among
from shared.kit.columns import append_only
from shared.kit.database import Begin, is_database_down, new_metadata
from shared.kit.logging import describe, logger

KEY_CHECKS = Table(
    "key_checks",
    new_metadata(),
    Column("key_id", String(40), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    info=append_only(),
)
"""Adopted by services that keep something under a key of their own."""


WEBHOOK_MASTER = "webhook_master"
"""Known to two services, each in its own database."""

Recognition = Callable[[Session], None]
"""Looks whether this process has the keys that belong to its database; raises ``WrongKey``."""


class WrongKey(Exception):
    """What is stored here was sealed or signed with another key than this process was given."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"not the keys that were used here before: {', '.join(sorted(names))}. Put back the"
            " file of keys that belongs to this database; new keys open nothing that is stored"
        )


def recorded(session: Session) -> frozenset[str]:
    """Names of the keys that are known here."""
    return frozenset(session.scalars(select(KEY_CHECKS.c.key_id)))


def recognise(session: Session, keys: Mapping[str, bytes], *, now: datetime) -> None:
    """Each of these keys is known from now on; raises ``WrongKey`` if another had its name."""
    digests = {name: _digest(name, key) for name, key in keys.items()}
    rows = [{"key_id": it, "digest": digest, "since": now} for it, digest in digests.items()]
    session.execute(insert(KEY_CHECKS).values(rows).on_conflict_do_nothing())
    named = among(KEY_CHECKS.c.key_id, keys)
    known = dict(
        session.execute(select(KEY_CHECKS.c.key_id, KEY_CHECKS.c.digest).where(named)).all()
    )
    if wrong := [it for it, digest in digests.items() if known[it] != digest]:
        raise WrongKey(wrong)


def recognised(begin: Begin, recognition: Recognition) -> Begin:
    """Transactions that begin only once the keys were recognised.

    Wrong ones end the process that is starting, with a line on standard error. While the database
    is away nothing can be said; then they are looked at before the first transaction.
    """
    is_recognised = False

    def look() -> None:
        nonlocal is_recognised
        with begin() as session:
            recognition(session)
        is_recognised = True

    try:
        look()
    except WrongKey as wrong:
        raise SystemExit(str(wrong)) from None
    except SQLAlchemyError as error:
        if not is_database_down(error):
            raise
        logger().warning("keys_not_recognised_yet", **describe(error))

    @contextmanager
    def begin_recognised() -> Iterator[Session]:
        if not is_recognised:
            look()
        with begin() as session:
            yield session

    return begin_recognised


def _digest(name: str, key: bytes) -> bytes:
    return hmac.digest(key, f"key_check|{name}".encode(), hashlib.sha256)
