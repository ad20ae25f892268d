"""Whom an access token names; that it is ours is checked elsewhere (``shared.kit.auth``)."""

from typing import Any
from uuid import UUID

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from shared.kit.clock import numeric_date
from shared.kit.errors import Unauthenticated
from shared.kit.subjects import FOR_DUTIES, Grant, Means, Subject, SubjectKind


def unchecked(token: str) -> Subject:
    """Whom a token names, for whoever has just been granted it and wants to know what it may ask.

    Nothing is checked: only the services that the token is shown to decide by it.
    Raises ``Unauthenticated`` for what is no token.
    """
    try:
        return subject_in(orjson.loads(jws.extract_compact(token.encode()).payload))
    except (JoseError, ValueError):
        raise Unauthenticated from None


def subject_in(claims: dict[str, Any]) -> Subject:
    """Whom the claims of a token name; raises ``Unauthenticated`` for what is no token of ours."""
    try:
        for name in ("client_id", "jti"):
            _text(claims[name])
        return Subject(
            kind=SubjectKind(claims["subject_kind"]),
            id=_text(claims["sub"]),
            organisation_id=UUID(claims["organisation_id"]),
            organisation_kind=_text(claims["organisation_kind"]),
            grants=frozenset(_grant(each) for each in _list(claims["grants"])),
            means=tuple(Means(each) for each in _list(claims["amr"])),
            authenticated_at=_moment(claims["auth_time"]),
            session_id=UUID(claims["sid"]) if "sid" in claims else None,
            bound_to=_bound_to(claims),
            is_for_duties=_text(claims["aud"]).endswith(FOR_DUTIES),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unauthenticated from None


def _bound_to(claims: dict[str, Any]) -> UUID | None:
    """The one thing that an office reaches: no office is bound to nothing, and nobody else is."""
    is_office = claims["subject_kind"] == SubjectKind.OFFICE
    if is_office is not ("bound_to" in claims):
        raise ValueError
    return UUID(claims["bound_to"]) if is_office else None


def _grant(pair: object) -> Grant:
    role, area = _list(pair)
    return Grant(_text(role), _text(area))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: object) -> int:
    moment = numeric_date(value)
    if moment is None:
        raise TypeError
    return int(moment)
