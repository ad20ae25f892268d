"""Identifiers: UUIDv7 (RFC 9562 section 5.7), so that keys made together lie together."""

from uuid import UUID, SafeUUID

import uuid_utils

# Looked up once: a case needs some thirty identifiers, and an enum's member is dear to look up.
_UNKNOWN = SafeUUID.unknown


def new_id() -> UUID:
    """A new UUIDv7."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", uuid_utils.uuid7().int)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made
