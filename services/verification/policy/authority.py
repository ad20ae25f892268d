"""Which authority verifies: decided by route, area and day (Law 53/2024 Arts 27-30).

A role held for the whole city covers every unit that lies in it on that day, and none elsewhere; a
role held for the whole country covers every unit; a role for one unit covers that unit alone. The
district a commune once lay in is not asked for, so a district's police is chosen only for a case
whose area is that district itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.vocabulary import OrganisationKind, Route
from shared.places import WHOLE_CITY, WHOLE_COUNTRY, is_in_city

FROM_ABROAD = frozenset({Route.BILATERAL_HANDOVER, Route.MISSION_ABROAD})
"""Routes the immigration police verify, whose area is the widest of all police."""


@dataclass(frozen=True)
class VerifierRole:
    """An active organisation that verifies in an area from a day until before another."""

    organisation_id: UUID
    code: str
    kind: OrganisationKind
    area_code: str
    valid_from: date
    valid_to: date | None

    def is_held(self, on: date) -> bool:
        """Whether the role is held on this day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def covers(self, area_code: str, on: date) -> bool:
        """Whether the role reaches this area on this day."""
        if self.area_code == WHOLE_CITY:
            return self.is_held(on) and is_in_city(area_code, on)
        return self.is_held(on) and self.area_code in {area_code, WHOLE_COUNTRY}


def choose_verifier(
    roles: Collection[VerifierRole],
    *,
    route: Route,
    receiver_id: UUID,
    area_code: str,
    on: date,
) -> UUID | None:
    """The organisation that verifies; ``None`` when nobody holds the role there on that day.

    - rescued: the body that rescued, when it verifies itself (the Border Guard Command does),
      wherever the person comes from;
    - handed over, or sent by a mission: the police with the widest area, which is immigration;
    - everyone else: the police of the area, else of the city it lies in. Never the whole country's:
      a person who comes from elsewhere waits until a case owner says where they are.
    """
    if route is Route.RESCUED and _verifies(roles, receiver_id, on):
        return receiver_id
    fit = [role for role in roles if role.covers(area_code, on)]
    police = [role for role in fit if role.kind is OrganisationKind.POLICE]
    order = _widest_first(area_code) if route in FROM_ABROAD else _nearest_first(area_code)
    # The code breaks a tie, so that the same facts always choose the same authority.
    ranked = sorted(
        (order[role.area_code], role.code, role.organisation_id)
        for role in police
        if role.area_code in order
    )
    return ranked[0][2] if ranked else None


def _verifies(roles: Collection[VerifierRole], organisation_id: UUID, on: date) -> bool:
    return any(role.organisation_id == organisation_id and role.is_held(on) for role in roles)


def _widest_first(area_code: str) -> Mapping[str, int]:
    return {area_code: 2, WHOLE_CITY: 1, WHOLE_COUNTRY: 0}


def _nearest_first(area_code: str) -> Mapping[str, int]:
    return {WHOLE_CITY: 1, area_code: 0}


def may_verify(
    roles: Collection[VerifierRole],
    *,
    organisation_id: UUID,
    area_code: str,
    on: date,
) -> bool:
    """Whether a case owner may assign a verification to this organisation.

    The city's own authorities may also verify for a person who comes from elsewhere: only a case
    owner knows where the person is now.
    """
    return any(
        role.organisation_id == organisation_id
        and (role.covers(area_code, on) or (role.is_held(on) and role.area_code == WHOLE_CITY))
        for role in roles
    )
