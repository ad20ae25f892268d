"""Identifiers: ordered ones for ourselves, and ones that say nothing for whoever is outside.

Inside, UUIDv7 (RFC 9562 section 5.7): keys made together lie together. That is also what is wrong
with it outside: two that were made in one millisecond look alike.
"""

import hashlib
from uuid import UUID, SafeUUID, uuid4

import uuid_utils

# Looked up once: a case needs some thirty identifiers, and to look up an enum's member is
# expensive.
_UNKNOWN = SafeUUID.unknown


def new_id() -> UUID:
    """A new UUIDv7: when it was made can be read from it."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", uuid_utils.uuid7().int)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def id_named(name: bytes) -> UUID:
    """A new UUIDv7 whose random part follows from a name of at least ten bytes.

    Made again later under the same name it has the same ``tail_of``. The name has to be a keyed
    digest: whoever could compute it could tell what the id belongs to.
    """
    random = int.from_bytes(name[:10]) & ~_FORM
    return UUID(int=(uuid_utils.uuid7().int >> 80 << 80) | random | _VERSION_7)


def tail_of(identifier: UUID) -> int:
    """All of a UUIDv7 but the moment it was made at."""
    return identifier.int & ((1 << 80) - 1)


def id_of(cause: UUID, what: str, place: int = 0) -> UUID:
    """The UUIDv7 of a thing that follows from a cause, always the same one.

    Work that is done again, after a database was restored, makes the same thing under the same id.
    It lies where its cause lies in the order of time; several things of a sort lie in the order of
    their places. Nobody who does not know the cause can tell what it belongs to.
    """
    digest = hashlib.sha256(cause.bytes + f"{what} {place}".encode()).digest()
    random = int.from_bytes(digest[:10]) & ~_FORM
    return UUID(int=((cause.int >> 80) + place << 80) | random | _VERSION_7)


_FORM = (0xF << 76) | (0x3 << 62)
_VERSION_7 = (0x7 << 76) | (0x2 << 62)


def new_reference() -> UUID:
    """A new id for outsiders: random (UUIDv4), so that nobody can tell what was made beside it."""
    return uuid4()


def reference_of(*cause: object) -> UUID:
    """The id for outsiders of a thing that follows from a cause, always the same one.

    It looks like a random one to whoever does not know the cause, which must hold an id that no
    outsider is told, or that is told to the same outsider only.
    """
    digest = hashlib.sha256("|".join(map(str, cause)).encode()).digest()
    return UUID(bytes=digest[:16], version=4)
